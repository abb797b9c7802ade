// SPDX-License-Identifier: Apache-2.0
// One Cryptoki library in this process: loaded, initialised, and finalised when the last user is
// gone. It runs inside our process, so only a file is loaded that nobody but root or our own user
// can have written. It is never unloaded: libraries of tokens leave threads and exit handlers.
// OWNED BY: the tokens in it and TokenKeys. THREADS: any; calls that ask the library for slots run
// on a worker of the module's own, with a deadline.
// Errors: not_found, denied (others may write the file), unsupported (no Cryptoki in it),
// unavailable (no answer), io.
#pragma once

#include "core/result.h"
#include "node/custody/pkcs11/function_list.h"
#include "node/custody/pkcs11/token_info.h"
#include "node/custody/pkcs11/worker.h"

#include <atomic>
#include <memory>
#include <string>
#include <vector>

namespace fieldseal::node::pkcs11 {

// Loading may start a daemon's connection or search for readers.
inline constexpr std::chrono::milliseconds kModuleDeadline{15'000};

class Module {
public:
    static Result<std::shared_ptr<Module>> load(const std::string& path);
    ~Module();
    Module(const Module&) = delete;
    Module& operator=(const Module&) = delete;

    const std::string& path() const { return library_->path; }
    FunctionList& functions() const { return *library_->functions; }

    // All tokens that are there now.
    Result<std::vector<TokenInfo>> tokens();
    // The same in the calling thread: for a worker of a token.
    Result<std::vector<TokenInfo>> list_tokens() const { return list(*library_); }

    // A thread hangs in it: it is left as it is when the last user is gone.
    void abandon() { abandoned_ = true; }

private:
    // What jobs work with; they may outlive the module.
    struct Library {
        std::string path;
        FunctionList* functions = nullptr;
        std::string description = {};
        bool ours = false;  // initialised by us, so finalised by us
    };
    explicit Module(std::shared_ptr<Library> library);
    static Result<void> initialise(Library& library);
    static Result<std::vector<TokenInfo>> list(const Library& library);

    const std::shared_ptr<Library> library_;
    std::atomic<bool> abandoned_{false};
    Worker worker_;
};

// Cryptoki libraries of Debian's packages that are installed here: SoftHSM2, tpm2-pkcs11, OpenSC.
struct KnownModule {
    std::string name;
    std::string package;
    std::string path;
};
std::vector<KnownModule> known_modules();
std::vector<KnownModule> installed_modules();

}  // namespace fieldseal::node::pkcs11
