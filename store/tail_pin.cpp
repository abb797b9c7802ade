// SPDX-License-Identifier: Apache-2.0
// Slot, at 0 and at 4096, zeros up to 4096 bytes:
//   magic "fspin\0\0\1" ‖ generation u64 ‖ per log { size u64 ‖ root 32 ‖ checkpoint size u64 } ‖
//   HMAC-SHA256(key, everything before) 32
// The generation decides the slot (odd: the second), so the newest value never overwrites itself.
#include "store/tail_pin.h"

#include "core/hash.h"
#include "store/crash_point.h"
#include "store/file.h"

#include <algorithm>
#include <condition_variable>
#include <fcntl.h>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

namespace fieldseal::store {
namespace {

constexpr std::size_t kSlotBytes = 4096;
constexpr std::size_t kSlots = 2;
constexpr std::array<std::uint8_t, 8> kMagic{'f', 's', 'p', 'i', 'n', 0, 0, 1};
constexpr std::size_t kLogBytes = 8 + kDigestBytes + 8;
constexpr std::size_t kBodyBytes = kMagic.size() + 8 + kLogs.size() * kLogBytes;

// Comparing in constant time: the file may be written by somebody who can ask us to read it.
bool equal(ByteView a, ByteView b) {
    std::uint8_t difference = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        difference = static_cast<std::uint8_t>(difference | (a[i] ^ b[i]));
    }
    return difference == 0;
}

Bytes encode_slot(const PinKey& key, const PinValue& value, std::uint64_t generation) {
    Bytes slot(kMagic.begin(), kMagic.end());
    slot.reserve(kSlotBytes);
    append_u64_be(slot, generation);
    for (const PinnedLog& log : value.logs) {
        append_u64_be(slot, log.head.size.value);
        append(slot, log.head.root);
        append_u64_be(slot, log.checkpoint.value);
    }
    append(slot, hmac_sha256(key, slot));
    slot.resize(kSlotBytes);
    return slot;
}

std::optional<PinState> decode_slot(const PinKey& key, ByteView slot) {
    const ByteView body = slot.first(kBodyBytes);
    const ByteView rest = slot.subspan(kBodyBytes + kDigestBytes);
    if (!std::equal(kMagic.begin(), kMagic.end(), body.begin())) return std::nullopt;
    if (!equal(hmac_sha256(key, body), slot.subspan(kBodyBytes, kDigestBytes))) return std::nullopt;
    if (std::any_of(rest.begin(), rest.end(), [](std::uint8_t byte) { return byte != 0; })) {
        return std::nullopt;
    }
    PinState state;
    state.generation = read_u64_be(body.subspan(kMagic.size()));
    for (std::size_t i = 0; i < kLogs.size(); ++i) {
        const ByteView at = body.subspan(kMagic.size() + 8 + i * kLogBytes, kLogBytes);
        PinnedLog& log = state.value.logs[i];
        log.head.size.value = read_u64_be(at);
        std::copy_n(at.begin() + 8, kDigestBytes, log.head.root.begin());
        log.checkpoint.value = read_u64_be(at.subspan(8 + kDigestBytes));
    }
    return state;
}

std::uint64_t slot_offset(std::uint64_t generation) {
    return generation % kSlots * kSlotBytes;
}

Result<void> write_slot(File& file, const PinKey& key, const PinState& state) {
    const Bytes slot = encode_slot(key, state.value, state.generation);
    FIELDSEAL_TRY(file.write_at(slot_offset(state.generation), slot));
    FIELDSEAL_CRASH_POINT("store.pin_written");
    return file.sync();
}

}  // namespace

Result<PinState> read_pin(const std::filesystem::path& file, const PinKey& key) {
    const std::string name = shown(file);
    auto bytes = read_file(file, kSlots * kSlotBytes);
    if (!bytes.ok() && bytes.error().code == Errc::not_found) {
        return Error{Errc::not_found,
                     "the tail pin " + name +
                         " is missing, so nobody can tell whether the log is "
                         "complete; put it back, or run `fieldseal doctor --accept-rollback`",
                     kPinDisagrees};
    }
    if (!bytes.ok()) return bytes.error();
    bytes->resize(kSlots * kSlotBytes);  // A short file has slots that do not verify.
    std::optional<PinState> newest;
    std::vector<std::string> notices;
    for (std::size_t i = 0; i < kSlots; ++i) {
        auto state = decode_slot(key, ByteView(*bytes).subspan(i * kSlotBytes, kSlotBytes));
        if (!state || slot_offset(state->generation) != i * kSlotBytes) {
            notices.push_back(
                "slot " + std::to_string(i) + " of the tail pin " + name +
                " does not verify: normal after a power cut, else the file was changed");
        } else if (!newest || state->generation > newest->generation) {
            newest = std::move(state);
        }
    }
    if (!newest) {
        return Error{Errc::corrupt,
                     "neither slot of the tail pin " + name +
                         " verifies: the file was changed, or "
                         "the key is another one; put both back, or run `fieldseal doctor "
                         "--accept-rollback`",
                     kPinDisagrees};
    }
    newest->notices = std::move(notices);
    return std::move(*newest);
}

Result<void> write_pin(const std::filesystem::path& file, const PinKey& key, const PinValue& value,
                       std::uint64_t generation) {
    {
        File open = FIELDSEAL_TRY(File::open(file, O_WRONLY | O_CREAT));
        FIELDSEAL_TRY(write_slot(open, key, {value, generation, {}}));
        FIELDSEAL_TRY(write_slot(open, key, {value, generation + 1, {}}));
    }
    return sync_directory(file.parent_path());
}

struct PinWriter::Impl {
    Impl(File opened, const PinKey& pin_key, std::uint64_t first_generation)
        : file(std::move(opened)), key(pin_key), generation(first_generation) {}

    void run();

    // The writer thread's own.
    File file;
    const PinKey key;
    std::uint64_t generation;
    // Guarded by mutex.
    mutable std::mutex mutex;
    std::condition_variable changed;
    std::condition_variable hurry;  // ends a rest
    std::optional<PinValue> waiting;
    bool writing = false;
    bool stopping = false;
    bool draining = false;
    bool resting = false;
    std::optional<Error> failure;

    std::thread thread;
};

void PinWriter::Impl::run() {
    std::unique_lock lock(mutex);
    while (true) {
        changed.wait(lock, [this] { return waiting || stopping; });
        if (!waiting || failure) return;
        const PinState state{*std::exchange(waiting, std::nullopt), ++generation, {}};
        writing = true;
        lock.unlock();
        auto written = write_slot(file, key, state);
        lock.lock();
        writing = false;
        if (!written.ok()) failure = std::move(written).error();
        changed.notify_all();
        resting = true;
        hurry.wait_for(lock, kPinRest, [this] { return stopping || draining; });
        resting = false;
    }
}

Result<std::unique_ptr<PinWriter>> PinWriter::start(const std::filesystem::path& file,
                                                    const PinKey& key, std::uint64_t generation) {
    File opened = FIELDSEAL_TRY(File::open(file, O_WRONLY));
    auto impl = std::make_unique<Impl>(std::move(opened), key, generation);
    try {
        impl->thread = std::thread([writer = impl.get()] { writer->run(); });
    } catch (const std::system_error& failed) {
        return system_error(failed.code().value(), "start the thread that writes", file);
    }
    return std::unique_ptr<PinWriter>(new PinWriter(std::move(impl)));
}

PinWriter::PinWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

PinWriter::~PinWriter() {
    {
        const std::lock_guard lock(impl_->mutex);
        impl_->stopping = true;
    }
    impl_->hurry.notify_all();
    impl_->changed.notify_all();
    impl_->thread.join();
}

void PinWriter::publish(const PinValue& value) {
    {
        const std::lock_guard lock(impl_->mutex);
        impl_->waiting = value;
        if (impl_->resting) return;  // it looks by itself when the rest is over
    }
    impl_->changed.notify_all();
}

Result<void> PinWriter::drain() {
    std::unique_lock lock(impl_->mutex);
    impl_->draining = true;
    impl_->hurry.notify_all();
    impl_->changed.wait(lock,
                        [this] { return impl_->failure || (!impl_->waiting && !impl_->writing); });
    impl_->draining = false;
    if (impl_->failure) return *impl_->failure;
    return {};
}

Result<void> PinWriter::health() const {
    const std::lock_guard lock(impl_->mutex);
    if (impl_->failure) return *impl_->failure;
    return {};
}

}  // namespace fieldseal::store
