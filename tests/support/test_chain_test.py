#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The test chain as Python tests use it: it starts, does what it is told, and leaves nothing running."""
import json
import pathlib
import signal
import tempfile
import unittest
import urllib.error

import node_process
import process_test
import test_chain

GONE_SECONDS = 10.0


def running(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


class TestChain(unittest.TestCase):
    def test_blocks_are_mined_on_demand_and_faults_come_and_go(self):
        with test_chain.Chain(mode="ibft2", hardfork="cancun", validators=7, endpoints=2, chain_id=99) as chain:
            self.assertEqual((chain.chain_id, chain.mode, len(chain.rpc)), (99, "ibft2", 2))
            self.assertEqual(chain.mine(3)["number"], 3)
            self.assertEqual(chain.head()["hash"], chain.ask("eth_getBlockByNumber", "latest", False, endpoint=1)["hash"])
            fault = chain.fault("http_429", endpoint=0)
            with self.assertRaises(urllib.error.HTTPError):
                chain.ask("eth_chainId")
            self.assertEqual(chain.ask("eth_chainId", endpoint=1), "0x63")
            self.assertEqual(chain.clear(fault), 1)
            self.assertEqual(chain.ask("eth_chainId"), "0x63")
            with self.assertRaises(test_chain.RpcError):
                chain.fault("gremlins")

    def test_the_pin_has_what_a_trust_file_needs(self):
        with test_chain.Chain(automine=True) as chain:
            contract = chain.deploy_anchor()
            chain.call("test_changeValidators", {"add": 4, "at": 10})
            pin = chain.pin("net", contract)
            self.assertEqual(set(pin), {"id", "chain_id", "mode", "validator_sets", "contract"})
            self.assertEqual([(each["from"], each.get("to"), len(each["validators"])) for each in pin["validator_sets"]],
                             [(0, 9, 4), (10, None, 5)])
            self.assertNotEqual(chain.ask("eth_getCode", contract, "latest"), "0x")
            with tempfile.TemporaryDirectory() as directory:
                written = json.loads(chain.write_pin(pathlib.Path(directory) / "pin.json", "net", contract).read_text())
            self.assertEqual((written["chain"], written["genesis_hash"]), (pin, chain.genesis_hash))
        with test_chain.Chain(mode="plain") as chain:
            self.assertEqual(chain.pin("plain")["validator_sets"], [])

    def test_it_ends_with_whoever_started_it(self):
        chain = test_chain.Chain()
        chain.stop()
        self.assertEqual(chain.process.returncode, 0)
        self.assertFalse(running(chain.anvil_pid))

        killed = test_chain.Chain()
        killed.process.send_signal(signal.SIGKILL)
        killed.process.wait()
        killed.stop()
        node_process.wait_until(lambda: not running(killed.anvil_pid), GONE_SECONDS, "anvil to end with its proxy")

    def test_a_setting_that_makes_no_sense_is_refused(self):
        with self.assertRaisesRegex(AssertionError, "exit code 64"):
            test_chain.Chain(mode="clique")


if __name__ == "__main__":
    process_test.main()
