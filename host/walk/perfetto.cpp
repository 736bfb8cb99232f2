#include "walk/perfetto.hpp"

#include "walk/isa_view.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <protozero/pbf_builder.hpp>

namespace host::walk {

namespace {

// Field numbers of perfetto/trace/{trace,trace_packet}.proto and perfetto/trace/track_event/*.proto.
enum class Trace : protozero::pbf_tag_type { packet = 1 };
enum class Packet : protozero::pbf_tag_type {
    timestamp = 8,
    trusted_packet_sequence_id = 10,
    track_event = 11,
    sequence_flags = 13,
    track_descriptor = 60
};
enum class Descriptor : protozero::pbf_tag_type { uuid = 1, name = 2, parent_uuid = 5, counter = 8 };
enum class Event : protozero::pbf_tag_type {
    debug_annotations = 4,
    type = 9,
    track_uuid = 11,
    categories = 22,
    name = 23,
    counter_value = 30
};
enum class Annotation : protozero::pbf_tag_type { uint_value = 3, string_value = 6, name = 10 };
enum EventType : std::int32_t { slice_begin = 1, slice_end = 2, counter = 4 };

constexpr std::uint32_t sequence = 1;
constexpr std::uint32_t state_cleared = 1; // TracePacket.SEQ_INCREMENTAL_STATE_CLEARED
constexpr std::uint64_t root_track = 1, station_track = 2, call_track = 3, mode_track = 4;

template <typename Field>
using Builder = protozero::pbf_builder<Field>;

class Writer {
public:
    explicit Writer(std::string& bytes) : trace_(bytes) {}

    void track(std::uint64_t uuid, const std::string& name, bool counts = false) {
        Builder<Packet> packet(trace_, Trace::packet);
        packet.add_uint32(Packet::trusted_packet_sequence_id, sequence);
        if (uuid == root_track) {
            packet.add_uint32(Packet::sequence_flags, state_cleared);
        }
        Builder<Descriptor> descriptor(packet, Packet::track_descriptor);
        descriptor.add_uint64(Descriptor::uuid, uuid);
        descriptor.add_string(Descriptor::name, name);
        if (uuid != root_track) {
            descriptor.add_uint64(Descriptor::parent_uuid, root_track);
        }
        if (counts) {
            descriptor.add_message(Descriptor::counter, std::string());
        }
    }

    void begin(std::uint64_t track, std::size_t time, const std::string& name, const std::string& place) {
        Builder<Packet> packet(trace_, Trace::packet);
        head(packet, time);
        Builder<Event> event(packet, Packet::track_event);
        event.add_int32(Event::type, slice_begin);
        event.add_uint64(Event::track_uuid, track);
        event.add_string(Event::categories, track == station_track ? "station" : "function");
        event.add_string(Event::name, name);
        if (!place.empty()) {
            Builder<Annotation> annotation(event, Event::debug_annotations);
            annotation.add_string(Annotation::name, "at");
            annotation.add_string(Annotation::string_value, place);
        }
    }

    void end(std::uint64_t track, std::size_t time) {
        Builder<Packet> packet(trace_, Trace::packet);
        head(packet, time);
        Builder<Event> event(packet, Packet::track_event);
        event.add_int32(Event::type, slice_end);
        event.add_uint64(Event::track_uuid, track);
    }

    void count(std::uint64_t track, std::size_t time, std::int64_t value) {
        Builder<Packet> packet(trace_, Trace::packet);
        head(packet, time);
        Builder<Event> event(packet, Packet::track_event);
        event.add_int32(Event::type, counter);
        event.add_uint64(Event::track_uuid, track);
        event.add_int64(Event::counter_value, value);
    }

private:
    static void head(Builder<Packet>& packet, std::size_t time) {
        packet.add_uint64(Packet::timestamp, time);
        packet.add_uint32(Packet::trusted_packet_sequence_id, sequence);
    }

    Builder<Trace> trace_;
};

std::string place_of(Symbols& symbols, std::uint64_t address) {
    const std::vector<SourceFrame>& frames = symbols.frames_at(address);
    return frames.empty() || frames.front().file.empty()
               ? fmt::format("{:#x}", address)
               : fmt::format("{}:{}", frames.front().file, frames.front().line);
}

/// Slices nested as the functions are, from one step to the next.
void write_functions(Writer& writer, const Recording& recording, Symbols& symbols) {
    const CallTree tree = build_calls(recording, symbols);
    std::vector<std::string> open;
    for (std::size_t i = 1; i < recording.steps.size(); i++) {
        const std::vector<std::string> stack = stack_at(recording, symbols, tree, i);
        std::size_t same = static_cast<std::size_t>(std::ranges::mismatch(open, stack).in1 - open.begin());
        if (i > 1 && tree.of_step[i] > tree.of_step[i - 1] && same == stack.size()) {
            same--; // the same function called again
        }
        for (std::size_t depth = open.size(); depth > same; depth--) {
            writer.end(call_track, i);
        }
        for (std::size_t depth = same; depth < stack.size(); depth++) {
            writer.begin(call_track, i, stack[depth], place_of(symbols, recording.steps[i].program_counter));
        }
        open = stack;
    }
    for (std::size_t depth = open.size(); depth > 0; depth--) {
        writer.end(call_track, recording.steps.size());
    }
}

} // namespace

std::string as_perfetto(const Recording& recording, const std::vector<Station>& stations, Symbols& symbols) {
    std::string bytes;
    Writer writer(bytes);
    writer.track(
        root_track,
        fmt::format("{} on {}, {} instructions", recording.call, name_of(recording.isa), recording.instructions()));
    writer.track(station_track, "stations");
    writer.track(call_track, "functions");
    writer.track(mode_track, "privilege", true);
    for (const Station& station : stations) {
        writer.begin(
            station_track, station.first_step, station.rule->title,
            place_of(symbols, recording.steps[station.first_step].program_counter));
        writer.end(station_track, station.first_step + station.instructions);
    }
    write_functions(writer, recording, symbols);
    unsigned level = ~0U;
    for (std::size_t i = 0; i < recording.steps.size(); i++) {
        if (recording.steps[i].privilege != level) {
            level = recording.steps[i].privilege;
            writer.count(mode_track, i, level);
        }
    }
    writer.count(mode_track, recording.steps.size(), 0);
    return bytes;
}

} // namespace host::walk
