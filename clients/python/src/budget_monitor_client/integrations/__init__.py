"""Guards for the clients and frameworks that call models; each module loads its own library."""
