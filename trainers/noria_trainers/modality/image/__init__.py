"""Images: files of one each, in a folder per class."""
