// The reference line as a typed-event heap in C++, a second implementation to compare with: none of our rules.
//
//     heap IN OUT RUNS
//
// IN and OUT are int64 words, see benchmarks/cpp_heap.py. Prints the CPU seconds of the fastest of RUNS
// simulations and the events of one.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <deque>
#include <queue>
#include <vector>

using Int = std::int64_t;
using Ints = std::vector<Int>;

enum Kind : std::int32_t { Arrive, Enter, Camera, Eye, Blade, End, Again };
enum Miss { Late, Interlock, Busy, BagOut };

struct Event {
    Int at;  // belt time
    std::int32_t parcel;
    Kind kind;
    bool operator>(const Event& other) const { return at > other.at; }
};

struct Spec {
    Int diverters, us_per_mm, gap, camera, first, pitch, end, loop, cycle, neighbour, bag_parcels, bag_out, max_laps;
};

struct Lap {
    Int nose, decided, laps;
};

struct Line {
    Spec spec;
    Ints stop_start, stop_rho, stood;  // stood[k]: how long the belt had stood before stop k
    Ints arr, length, code, latency;
    Ints t_out, t_in, chute, laps, reason, misses;

    std::priority_queue<Event, std::vector<Event>, std::greater<Event>> events;
    std::deque<std::int32_t> waiting, returning;
    std::vector<Lap> lap;
    Ints fired, ready, level;
    Int free = 0, handled = 0;
    bool entering = false;

    Int wall(Int rho) const {
        return rho + stood[std::lower_bound(stop_rho.begin(), stop_rho.end(), rho) - stop_rho.begin()];
    }
    Int offered(Int arrived) const {
        auto stop = std::lower_bound(stop_start.begin(), stop_start.end(), arrived) - stop_start.begin();
        return stop ? std::max(arrived - stood[stop], stop_rho[stop - 1] + 1) : arrived;
    }
    Int space(std::int32_t parcel) const { return length[parcel] * spec.us_per_mm + spec.gap; }
    Int blade(std::int32_t parcel) const { return lap[parcel].nose + spec.first + code[parcel] * spec.pitch; }
    void at(Int when, std::int32_t parcel, Kind kind) { events.push({when, parcel, kind}); }

    void run() {
        if (!arr.empty()) at(offered(arr[0]), 0, Arrive);
        while (!events.empty()) {
            Event event = events.top();
            events.pop();
            ++handled;
            happen(event);
        }
    }

    void happen(const Event& event) {
        switch (event.kind) {
            case Arrive: return arrive(event);
            case Enter: return enter(event);
            case Camera: lap[event.parcel].decided = wall(event.at) + latency[event.parcel]; return;
            case Eye: return eye(event);
            case Blade: return fire(event);
            case End: return end(event);
            case Again: return again(event);
        }
    }

    void arrive(const Event& event) {
        waiting.push_back(event.parcel);
        std::size_t next = event.parcel + 1;
        if (next < arr.size()) at(offered(arr[next]), static_cast<std::int32_t>(next), Arrive);
        if (!entering) call(std::max(event.at, free));
    }

    void call(Int when) {  // the first of those who wait tries to enter
        entering = !waiting.empty();
        if (entering) at(when, waiting.front(), Enter);
    }

    void enter(const Event& event) {
        std::int32_t parcel = event.parcel;
        if (event.at < free) return at(free, parcel, Enter);
        if (!returning.empty() && event.at + space(parcel) > lap[returning.front()].nose)
            return at(lap[returning.front()].nose + space(returning.front()), parcel, Enter);
        waiting.pop_front();
        t_in[parcel] = wall(event.at);
        lap[parcel] = {event.at, 0, 0};
        at(event.at + spec.camera, parcel, Camera);
        ride(parcel, event.at);
        call(free);
    }

    void again(const Event& event) {
        returning.pop_front();
        ride(event.parcel, event.at);
    }

    void ride(std::int32_t parcel, Int now) {
        free = now + space(parcel);
        ++lap[parcel].laps;
        if (code[parcel] < 0)
            at(now + spec.end, parcel, End);
        else
            at(blade(parcel) - spec.pitch, parcel, Eye);
    }

    void eye(const Event& event) {
        Int d = code[event.parcel], now = wall(event.at);
        if (lap[event.parcel].decided > now) return miss(event.parcel, Late);
        if (d > 0 && now < fired[d - 1] + spec.neighbour) return miss(event.parcel, Interlock);
        at(event.at + spec.pitch, event.parcel, Blade);
    }

    void fire(const Event& event) {
        Int d = code[event.parcel], now = wall(event.at);
        if (now < fired[d] + spec.cycle) return miss(event.parcel, Busy);
        if (now < ready[d]) return miss(event.parcel, BagOut);
        fired[d] = now;
        if (++level[d] == spec.bag_parcels) {
            level[d] = 0;
            ready[d] = now + spec.bag_out;
        }
        leave(event.parcel, now, d, 0);
    }

    void miss(std::int32_t parcel, Miss why) {
        ++misses[why];
        at(lap[parcel].nose + spec.end, parcel, End);
    }

    void end(const Event& event) {
        std::int32_t parcel = event.parcel;
        if (code[parcel] < 0) return leave(parcel, wall(event.at), spec.diverters, 1);
        if (lap[parcel].laps == spec.max_laps) return leave(parcel, wall(event.at), spec.diverters + 1, 2);
        lap[parcel].nose += spec.loop;
        returning.push_back(parcel);
        at(lap[parcel].nose, parcel, Again);
    }

    void leave(std::int32_t parcel, Int when, Int where, Int why) {
        t_out[parcel] = when;
        chute[parcel] = where;
        laps[parcel] = lap[parcel].laps;
        reason[parcel] = why;
    }
};

static Ints words(std::FILE* file, std::size_t count) {
    Ints read(count);
    if (std::fread(read.data(), sizeof(Int), count, file) != count) std::exit(2);
    return read;
}

static Line load(const char* path) {
    std::FILE* file = std::fopen(path, "rb");
    if (!file) std::exit(2);
    Line line;
    Ints head = words(file, 15);
    std::copy_n(head.begin() + 2, 13, reinterpret_cast<Int*>(&line.spec));
    std::size_t stops = head[0], parcels = head[1];
    line.stop_start = words(file, stops);
    Ints duration = words(file, stops);
    line.stood = {0};
    for (std::size_t stop = 0; stop < stops; ++stop) {
        line.stop_rho.push_back(line.stop_start[stop] - line.stood.back());
        line.stood.push_back(line.stood.back() + duration[stop]);
    }
    for (Ints* column : {&line.arr, &line.length, &line.code, &line.latency}) *column = words(file, parcels);
    for (Ints* column : {&line.t_out, &line.t_in, &line.chute, &line.laps, &line.reason}) column->resize(parcels);
    line.misses.resize(4);
    line.lap.resize(parcels);
    const Int never = -(Int{1} << 62);
    line.fired.assign(line.spec.diverters, never);
    line.ready.assign(line.spec.diverters, never);
    line.level.assign(line.spec.diverters, 0);
    std::fclose(file);
    return line;
}

int main(int, char** argv) {
    const Line fresh = load(argv[1]);
    double best = 1e9;
    Line line;
    for (int run = 0; run < std::atoi(argv[3]); ++run) {
        line = fresh;
        std::clock_t begun = std::clock();
        line.run();
        best = std::min(best, double(std::clock() - begun) / CLOCKS_PER_SEC);
    }
    std::FILE* file = std::fopen(argv[2], "wb");
    if (!file) return 2;
    for (const Ints* column : {&line.t_out, &line.t_in, &line.chute, &line.laps, &line.reason, &line.misses})
        std::fwrite(column->data(), sizeof(Int), column->size(), file);
    std::fclose(file);
    std::printf("%.6f %lld\n", best, static_cast<long long>(line.handled));
}
