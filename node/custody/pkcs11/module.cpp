// SPDX-License-Identifier: Apache-2.0
#include "node/custody/pkcs11/module.h"

#include "core/encoding.h"
#include "node/custody/pkcs11/mechanism.h"
#include "node/custody/pkcs11/return_value.h"

#include <cerrno>
#include <cstring>
#include <dlfcn.h>
#include <p11-kit/pkcs11.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef FIELDSEAL_MULTIARCH
#define FIELDSEAL_MULTIARCH "x86_64-linux-gnu"
#endif

namespace fieldseal::node::pkcs11 {
namespace {

constexpr std::size_t kPathQuoteBytesMax = 200;
constexpr mode_t kOthersMayWrite = 022;

std::string shown(const std::string& path) {
    return fieldseal::quoted(path, kPathQuoteBytesMax);
}

template <std::size_t kSize>
std::string text_of(const unsigned char (&field)[kSize]) {
    return padded_text(as_text(ByteView(field, kSize)));
}

// Whoever can write it is in our process tomorrow.
Result<void> check_file(const std::string& path) {
    if (!path.starts_with('/')) {
        return Error{Errc::invalid_argument,
                     "the PKCS#11 module " + shown(path) + " has to be named by its absolute path"};
    }
    struct stat facts{};
    if (::stat(path.c_str(), &facts) != 0) {
        return Error{Errc::not_found,
                     "the PKCS#11 module " + shown(path) + ": " + std::strerror(errno) +
                         "; install the package it belongs to (docs/operations/tokens.md)"};
    }
    const bool ours = facts.st_uid == 0 || facts.st_uid == ::geteuid();
    if (!S_ISREG(facts.st_mode) || !ours || (facts.st_mode & kOthersMayWrite) != 0) {
        return Error{Errc::denied, "the PKCS#11 module " + shown(path) +
                                       " is not a file that only root (or the node's user) may "
                                       "write, so it is not loaded"};
    }
    return {};
}

Result<FunctionList*> load_functions(const std::string& path) {
    void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
        const char* why = ::dlerror();
        return Error{Errc::unsupported,
                     "the PKCS#11 module " + shown(path) +
                         " cannot be loaded: " + (why == nullptr ? "no reason given" : why)};
    }
    // dlsym gives a void*; POSIX guarantees that it may be called as the function it is.
    const auto get = reinterpret_cast<CK_C_GetFunctionList>(::dlsym(library, "C_GetFunctionList"));
    CK_FUNCTION_LIST_PTR functions = nullptr;
    if (get == nullptr || get(&functions) != CKR_OK || functions == nullptr) {
        return Error{Errc::unsupported,
                     shown(path) + " is no PKCS#11 module: it has no C_GetFunctionList"};
    }
    return functions;
}

TokenFlags flags_of(CK_FLAGS flags) {
    const auto has = [&](CK_FLAGS flag) { return (flags & flag) != 0; };
    TokenFlags out;
    out.initialised = has(CKF_TOKEN_INITIALIZED);
    out.login_required = has(CKF_LOGIN_REQUIRED);
    out.pin_set = has(CKF_USER_PIN_INITIALIZED);
    out.pin_pad = has(CKF_PROTECTED_AUTHENTICATION_PATH);
    out.write_protected = has(CKF_WRITE_PROTECTED);
    out.pin_count_low = has(CKF_USER_PIN_COUNT_LOW);
    out.pin_final_try = has(CKF_USER_PIN_FINAL_TRY);
    out.pin_locked = has(CKF_USER_PIN_LOCKED);
    out.pin_to_be_changed = has(CKF_USER_PIN_TO_BE_CHANGED);
    return out;
}

}  // namespace

Module::Module(std::shared_ptr<Library> library)
    : library_(std::move(library)), worker_("the PKCS#11 module " + shown(library_->path)) {}

Result<std::shared_ptr<Module>> Module::load(const std::string& path) {
    FIELDSEAL_TRY(check_file(path));
    const auto library =
        std::make_shared<Library>(Library{path, FIELDSEAL_TRY(load_functions(path))});
    std::shared_ptr<Module> module(new Module(library));
    const auto initialised =
        module->worker_.run<void>([library] { return initialise(*library); }, kModuleDeadline);
    if (!initialised.ok()) return initialised.error();
    return module;
}

Result<void> Module::initialise(Library& library) {
    CK_C_INITIALIZE_ARGS arguments{};
    arguments.flags = CKF_OS_LOCKING_OK;
    const CK_RV value = library.functions->C_Initialize(&arguments);
    if (value != CKR_OK && value != CKR_CRYPTOKI_ALREADY_INITIALIZED) {
        return Error{Errc::unavailable, "the PKCS#11 module " + shown(library.path) +
                                            " does not start: " + name_of(value) +
                                            "; `fieldseal doctor` looks for the reason"};
    }
    library.ours = value == CKR_OK;
    CK_INFO info{};
    if (library.functions->C_GetInfo(&info) == CKR_OK)
        library.description = text_of(info.libraryDescription);
    return {};
}

Module::~Module() {
    if (abandoned_ || worker_.hangs()) return;
    const auto finalise = [library = library_] {
        if (library->ours) library->functions->C_Finalize(nullptr);
        return Result<void>();
    };
    ignore_error(worker_.run<void>(finalise, kModuleDeadline), "nothing is left to do with it");
}

Result<std::vector<TokenInfo>> Module::tokens() {
    return worker_.run<std::vector<TokenInfo>>([library = library_] { return list(*library); },
                                               kModuleDeadline);
}

Result<std::vector<TokenInfo>> Module::list(const Library& library) {
    FunctionList& functions = *library.functions;
    CK_ULONG count = 0;
    CK_RV value = functions.C_GetSlotList(CK_TRUE, nullptr, &count);
    std::vector<CK_SLOT_ID> slots(std::min<std::size_t>(count, kTokensMax));
    count = slots.size();
    if (value == CKR_OK && count > 0)
        value = functions.C_GetSlotList(CK_TRUE, slots.data(), &count);
    if (value != CKR_OK) return error_of("C_GetSlotList", library.path, value);
    slots.resize(std::min<std::size_t>(count, slots.size()));
    std::vector<TokenInfo> found;
    for (const CK_SLOT_ID slot : slots) {
        CK_TOKEN_INFO info{};
        if (functions.C_GetTokenInfo(slot, &info) != CKR_OK) continue;  // just unplugged
        TokenInfo token;
        token.name = {library.path, text_of(info.label), text_of(info.serialNumber)};
        token.manufacturer = text_of(info.manufacturerID);
        token.model = text_of(info.model);
        token.library = library.description;
        token.slot = slot;
        token.flags = flags_of(info.flags);
        token.capabilities = probe(functions, slot);
        found.push_back(std::move(token));
    }
    return found;
}

std::vector<KnownModule> known_modules() {
    const std::string lib = "/usr/lib/" FIELDSEAL_MULTIARCH;
    return {{"SoftHSM2", "softhsm2", "/usr/lib/softhsm/libsofthsm2.so"},
            {"TPM 2.0", "libtpm2-pkcs11-1", lib + "/libtpm2_pkcs11.so.1"},
            {"OpenSC", "opensc-pkcs11", lib + "/opensc-pkcs11.so"}};
}

std::vector<KnownModule> installed_modules() {
    std::vector<KnownModule> found = known_modules();
    std::erase_if(
        found, [](const KnownModule& module) { return ::access(module.path.c_str(), R_OK) != 0; });
    return found;
}

}  // namespace fieldseal::node::pkcs11
