"""The JSON addresses: what each shows, in which shape, and the OpenAPI document of them."""
