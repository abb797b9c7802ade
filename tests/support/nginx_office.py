# SPDX-License-Identifier: Apache-2.0
"""Tests of a node behind nginx: what they begin with.

    class Mine(Fronted): ...      # self.nginx in front of a node with an edge
    class Mine(Inhabited): ...    # and people, whose programs have tokens: self.machine()

Python 3.11's standard library only.
"""
import http.client
import unittest

from api_office import ApiNode
from nginx_process import Nginx, configure_edge, require_nginx
from node_process import Office


class Fronted(unittest.TestCase):
    """A node with an edge, a CA, and nginx in front."""

    @classmethod
    def setUpClass(cls):
        require_nginx()
        cls.office = Office()
        cls.addClassCleanup(cls.office.close)
        cls.node = cls.office.node()
        cls.prepare_node()
        cls.nginx = Nginx(cls.node, *cls.options_for_site())
        cls.prepare_nginx()
        cls.nginx.start()
        cls.addClassCleanup(cls.nginx.stop)

    @classmethod
    def prepare_node(cls):
        """An edge and certificates, running or not."""
        configure_edge(cls.node)
        cls.node.start()
        cls.node.cli("lan", "init").expect(0)

    @classmethod
    def options_for_site(cls):
        return ()

    @classmethod
    def prepare_nginx(cls):
        """Before it starts."""

    def status(self, method, path, body=None, headers=None, **options):
        return self.nginx.ask(method, path, body, headers, **options)[0]

    def raw(self, request):
        """(status, headers, body) of these bytes, which http.client would not send."""
        with self.nginx.connect() as client:
            client.sendall(request)
            response = http.client.HTTPResponse(client)
            response.begin()
            return response.status, response.headers, response.read()


class Inhabited(Fronted):
    """And people, whose programs have tokens."""

    @classmethod
    def prepare_node(cls):
        cls.api = ApiNode(cls.node)
        cls.node.unlock()
        cls.node.cli("lan", "init").expect(0)
        cls.people = {name: cls.api.session(name) for name in ("operator", "approver")}

    @classmethod
    def machine(cls, person="operator"):
        """The header of a new token: each has a rate of its own, and each person a half of the places at most."""
        token = cls.api.token(cls.people[person], {"statement:create", "statement:read", "verify"})
        return token.headers["Authorization"]
