# One image for the command line, the worker, the Prefect server and the Chroma server: the same packages,
# with the same versions, everywhere. compose.yaml says which service runs what.

FROM python:3.11.14-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=1 UV_LINK_MODE=copy
WORKDIR /app
COPY requirements.lock requirements-image.lock ./
# uv and what installs the project come with the versions and hashes of the lock, as `make setup` has them.
RUN sed -n '/^uv==/,/[^\\]$/p' requirements.lock > uv.txt \
    && pip install --no-cache-dir --no-deps --require-hashes -r uv.txt \
    && python -m venv /opt/venv \
    && uv pip install --no-cache --python /opt/venv --no-deps --require-hashes -r requirements-image.lock \
    && rm uv.txt
COPY pyproject.toml README.md LICENSE prefect.yaml ./
COPY planning_review planning_review
COPY blocks blocks
COPY run run
COPY tasks tasks
COPY flows flows
COPY cli cli
COPY automations automations
# Bytecode, since the user of the image may not write it: but for what nothing here imports, 80 MB of it, and
# a file of olefile for Python 2, which does not compile.
RUN uv pip install --no-cache --python /opt/venv --no-deps --no-build-isolation --editable . \
    && /opt/venv/bin/python -m planning_review.index.export_model \
    && /opt/venv/bin/python -m compileall -q -x '/(kubernetes|tests?)/|/olefile2\.py$' /opt/venv/lib planning_review blocks run tasks flows cli

FROM python:3.11.14-slim-bookworm
RUN apt-get update \
    && apt-get install -y --no-install-recommends tesseract-ocr=5.* libwpd-tools \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --create-home --shell /usr/sbin/nologin planning \
    && install -d -m 700 -o planning -g planning /data /tmp/raw
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PLANNING_DATA_DIR=/data \
    PLANNING_TEMP_DIR=/tmp/raw \
    PREFECT_HOME=/data/prefect
WORKDIR /app
USER 10001:10001
VOLUME /data
# Where a service has no better one of its own: that the command line starts.
HEALTHCHECK --interval=60s --timeout=20s --start-period=60s CMD ["planning-review", "--version"]
ENTRYPOINT []
CMD ["planning-review", "--help"]
