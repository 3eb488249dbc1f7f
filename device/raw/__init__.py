"""Raw files and pictures: writing DNG and JPEG with their facts, reading them back. Values in, values out."""
