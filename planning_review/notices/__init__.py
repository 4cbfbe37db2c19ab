"""Messages to people: what there is to tell, its words, and its way to them."""
