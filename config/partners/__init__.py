"""The partners, one by one: the types of its YAML file, its vocabulary, its settings. ``config.rooms`` lists them."""
