"""Workshop: builds notebooks and exercises. Text in, text out; knows nothing of dlcourse."""
