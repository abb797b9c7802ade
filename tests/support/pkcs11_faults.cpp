// SPDX-License-Identifier: Apache-2.0
// A PKCS#11 module around SoftHSM2 that does what tokens do on a bad day. Loaded like any other;
// the environment names a control file whose one line says what happens, read anew at each call:
//
//     FIELDSEAL_PKCS11_FAULTS=/path/control      "removed 5": from the fifth signature on
//
//     none               removed            session-lost (once)   all-sessions-lost (once)
//     logged-out (once)  device-error (once)  device-errors       hang (until the line changes, 5 s
//     at most) wrong-signature    other-key          short-signature       high-s (P-256) final-try
//     pin-locked         says-nothing (of wrong PINs)  die-in-login
//
// Each C_Login and C_Sign that arrives is one line in `<control>.calls`. Plain code without our
// libraries, so that it goes with every sanitizer. THREADS: any.
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <dlfcn.h>
#include <fstream>
#include <mutex>
#include <p11-kit/pkcs11.h>
#include <sstream>
#include <string>
#include <thread>
#include <unistd.h>

namespace {

constexpr const char* kSoftHsm = "/usr/lib/softhsm/libsofthsm2.so";
constexpr std::chrono::seconds kHangMax{5};
constexpr std::chrono::milliseconds kLook{10};
constexpr std::array<std::uint8_t, 32> kOrderP256 = {
    0xFF, 0xFF, 0xFF, 0xFF, 0x00, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
    0xBC, 0xE6, 0xFA, 0xAD, 0xA7, 0x17, 0x9E, 0x84, 0xF3, 0xB9, 0xCA, 0xC2, 0xFC, 0x63, 0x25, 0x51};

CK_FUNCTION_LIST_PTR real = nullptr;
CK_FUNCTION_LIST table{};
std::atomic<unsigned long> signs{0};
std::atomic<bool> out{false};  // the token has been pulled, and its sessions with it
std::mutex once_mutex;
std::string once_done;  // the line whose single event has happened

std::string control_path() {
    const char* path = std::getenv("FIELDSEAL_PKCS11_FAULTS");
    return path == nullptr ? "" : path;
}

std::string line() {
    std::ifstream file(control_path());
    std::string text;
    std::getline(file, text);
    return text;
}

void note(const char* call) {
    std::ofstream(control_path() + ".calls", std::ios::app) << call << '\n';
}

bool fault(const std::string& name) {
    std::istringstream words(line());
    std::string word;
    unsigned long from = 0;
    words >> word >> from;
    return word == name && signs.load() >= from;
}

// True the first time after the line was written.
bool fault_once(const std::string& name) {
    if (!fault(name)) {
        const std::scoped_lock lock(once_mutex);
        if (once_done != line()) once_done.clear();
        return false;
    }
    const std::scoped_lock lock(once_mutex);
    const std::string now = line();
    if (once_done == now) return false;
    once_done = now;
    return true;
}

void close_all() {
    CK_ULONG count = 16;
    std::array<CK_SLOT_ID, 16> slots{};
    if (real->C_GetSlotList(CK_TRUE, slots.data(), &count) != CKR_OK) return;
    for (CK_ULONG i = 0; i < count; ++i) real->C_CloseAllSessions(slots.at(i));
}

bool removed() {
    if (!fault("removed")) {
        out = false;
        return false;
    }
    if (!out.exchange(true)) close_all();
    return true;
}

CK_RV get_slot_list(CK_BBOOL present, CK_SLOT_ID_PTR slots, CK_ULONG_PTR count) {
    if (removed() && present == CK_TRUE) {
        *count = 0;
        return CKR_OK;
    }
    return real->C_GetSlotList(present, slots, count);
}

CK_RV get_token_info(CK_SLOT_ID slot, CK_TOKEN_INFO_PTR info) {
    if (removed()) return CKR_TOKEN_NOT_PRESENT;
    const CK_RV value = real->C_GetTokenInfo(slot, info);
    if (fault("final-try")) info->flags |= CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY;
    if (fault("pin-locked")) info->flags |= CKF_USER_PIN_LOCKED;
    if (fault("says-nothing")) info->flags &= ~CKF_USER_PIN_COUNT_LOW;
    return value;
}

CK_RV get_mechanism_info(CK_SLOT_ID slot, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO_PTR info) {
    return removed() ? CKR_TOKEN_NOT_PRESENT : real->C_GetMechanismInfo(slot, type, info);
}

CK_RV open_session(CK_SLOT_ID slot, CK_FLAGS flags, void* data, CK_NOTIFY notify,
                   CK_SESSION_HANDLE_PTR session) {
    return removed() ? CKR_TOKEN_NOT_PRESENT
                     : real->C_OpenSession(slot, flags, data, notify, session);
}

CK_RV get_session_info(CK_SESSION_HANDLE session, CK_SESSION_INFO_PTR info) {
    return removed() ? CKR_DEVICE_REMOVED : real->C_GetSessionInfo(session, info);
}

CK_RV login(CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_UTF8CHAR_PTR pin, CK_ULONG size) {
    note("login");
    if (removed()) return CKR_DEVICE_REMOVED;
    if (fault("pin-locked")) return CKR_PIN_LOCKED;
    const CK_RV value = real->C_Login(session, user, pin, size);
    // The token has judged the guess; nobody hears the answer.
    if (fault("die-in-login")) std::_Exit(137);
    return value;
}

CK_RV find_objects_init(CK_SESSION_HANDLE session, CK_ATTRIBUTE_PTR wanted, CK_ULONG count) {
    return removed() ? CKR_DEVICE_REMOVED : real->C_FindObjectsInit(session, wanted, count);
}

// Another private key of the same kind in this token.
CK_OBJECT_HANDLE other_key(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key) {
    CK_OBJECT_CLASS wanted = CKO_PRIVATE_KEY;
    CK_ATTRIBUTE attribute{CKA_CLASS, &wanted, sizeof(wanted)};
    std::array<CK_OBJECT_HANDLE, 8> found{};
    CK_ULONG count = 0;
    if (real->C_FindObjectsInit(session, &attribute, 1) != CKR_OK) return key;
    real->C_FindObjects(session, found.data(), found.size(), &count);
    real->C_FindObjectsFinal(session);
    for (CK_ULONG i = 0; i < count; ++i) {
        if (found.at(i) != key) return found.at(i);
    }
    return key;
}

CK_RV sign_init(CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE key) {
    ++signs;
    if (removed()) return CKR_DEVICE_REMOVED;
    if (fault_once("session-lost")) real->C_CloseSession(session);
    if (fault_once("all-sessions-lost")) close_all();
    if (fault_once("logged-out")) real->C_Logout(session);
    return real->C_SignInit(session, mechanism, fault("other-key") ? other_key(session, key) : key);
}

void hang() {
    const auto until = std::chrono::steady_clock::now() + kHangMax;
    while (fault("hang") && std::chrono::steady_clock::now() < until)
        std::this_thread::sleep_for(kLook);
}

// (r, s) becomes (r, n - s) where that is the larger one.
void make_high(CK_BYTE_PTR signature) {
    std::array<std::uint8_t, 32> other{};
    int borrow = 0;
    for (std::size_t i = 32; i-- > 0;) {
        const int difference = kOrderP256.at(i) - signature[32 + i] - borrow;
        borrow = difference < 0 ? 1 : 0;
        other.at(i) = static_cast<std::uint8_t>(difference);
    }
    if (std::lexicographical_compare(signature + 32, signature + 64, other.begin(), other.end()))
        std::copy(other.begin(), other.end(), signature + 32);
}

CK_RV sign(CK_SESSION_HANDLE session, CK_BYTE_PTR data, CK_ULONG data_size, CK_BYTE_PTR signature,
           CK_ULONG_PTR size) {
    note("sign");
    if (removed()) return CKR_DEVICE_REMOVED;
    if (fault_once("device-error") || fault("device-errors")) return CKR_DEVICE_ERROR;
    hang();
    const CK_RV value = real->C_Sign(session, data, data_size, signature, size);
    if (value != CKR_OK) return value;
    if (fault("wrong-signature")) signature[*size / 2] ^= 0x01;
    if (fault("short-signature")) --*size;
    if (fault("high-s")) make_high(signature);
    return value;
}

bool load() {
    void* library = ::dlopen(kSoftHsm, RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) return false;
    const auto get = reinterpret_cast<CK_C_GetFunctionList>(::dlsym(library, "C_GetFunctionList"));
    if (get == nullptr || get(&real) != CKR_OK) return false;
    table = *real;
    table.C_GetSlotList = get_slot_list;
    table.C_GetTokenInfo = get_token_info;
    table.C_GetMechanismInfo = get_mechanism_info;
    table.C_OpenSession = open_session;
    table.C_GetSessionInfo = get_session_info;
    table.C_Login = login;
    table.C_FindObjectsInit = find_objects_init;
    table.C_SignInit = sign_init;
    table.C_Sign = sign;
    return true;
}

}  // namespace

extern "C" __attribute__((visibility("default"))) CK_RV
C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR list) {
    static const bool kLoaded = load();
    if (!kLoaded) return CKR_GENERAL_ERROR;
    *list = &table;
    return CKR_OK;
}
