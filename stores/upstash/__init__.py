"""Upstash Redis over its REST interface: the client, and what its error texts mean."""
