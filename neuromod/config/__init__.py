"""Reading a config: YAML file -> tree with places -> composed tree -> checked, frozen objects."""
