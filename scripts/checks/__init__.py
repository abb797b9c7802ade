# SPDX-License-Identifier: Apache-2.0
"""The rules behind scripts/check. Each module has rules(tree), a generator of Violations."""
