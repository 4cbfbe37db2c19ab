"""The processes that read documents, here and on Dask's workers."""
