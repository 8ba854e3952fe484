"""The JSON addresses: what each shows and in which shape, and the OpenAPI document."""
