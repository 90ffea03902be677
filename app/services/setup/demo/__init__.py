"""A made-up park with made-up companies, meetings and contacts, on which all of the service can be seen."""
