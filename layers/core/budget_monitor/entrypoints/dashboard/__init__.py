"""The pages that people look at, and the links and sign-in that open them."""
