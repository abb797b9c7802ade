// SPDX-License-Identifier: Apache-2.0
// An account or contract of an EVM chain: 20 bytes, as text "0x" and 40 lower-case hexadecimal
// digits. THREADS: value type; pure functions, any. ERRORS: invalid_argument.
#pragma once

#include "core/bytes.h"
#include "core/result.h"

#include <array>
#include <string>
#include <string_view>

namespace fieldseal::evm {

inline constexpr std::size_t kAddressBytes = 20;
using Address = std::array<std::uint8_t, kAddressBytes>;

// "0x" and lower-case digits: the one form of files. (EIP-55 capitals are for people; see
// parse_address_of_person.)
std::string to_string(const Address& address);
Result<Address> parse_address(std::string_view text);
// Takes any capitals, as people paste them; mixed capitals must satisfy the EIP-55 checksum.
Result<Address> parse_address_of_person(std::string_view text);
// The account of an uncompressed public key 04 ‖ x ‖ y: the last 20 bytes of keccak256(x ‖ y).
// REQUIRES: point65.size() == 65.
Address address_of_point(ByteView point65);

}  // namespace fieldseal::evm
