"""PostgreSQL, Valkey and the REST gateway on this machine, for those with no accounts yet and for the tests."""
