"""Convert usage to USD; set and list prices."""
