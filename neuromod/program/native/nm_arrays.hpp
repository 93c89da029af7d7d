// Every array of a program under its logical name `group.variable`, and files of named arrays.
//
// A file is "NMARRAY1" and then records: name length (u32), type (char), payload bytes (u64), name, payload.
// Types: d double, f float, i int32, l int64, b bytes. Little endian. `neuromod.program.records` is the other side.
#ifndef NM_ARRAYS_HPP
#define NM_ARRAYS_HPP

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <vector>
#include <sys/mman.h>

// Not part of a step: compiled for size, which takes half the time.
#define NM_RARE __attribute__((cold))
#define NM_MAGIC "NMARRAY1"

// Ends the program with one sentence; exit code 3 means that the caller handed in something that does not fit.
[[noreturn]] inline void nm_fail(const std::string& sentence) {
    std::fprintf(stderr, "%s\n", sentence.c_str());
    std::exit(3);
}

template <class T> struct NmType;
template <> struct NmType<double> { static constexpr char code = 'd'; };
template <> struct NmType<float> { static constexpr char code = 'f'; };
template <> struct NmType<int32_t> { static constexpr char code = 'i'; };
template <> struct NmType<int64_t> { static constexpr char code = 'l'; };
template <> struct NmType<char> { static constexpr char code = 'b'; };

// One named array; `grows`: its length is not compiled in. Element k lies at `data()` + k `stride` bytes.
struct NmArray {
    char type;
    size_t item, stride;
    bool grows;
    virtual ~NmArray() {}
    virtual void* data() = 0;
    virtual size_t size() = 0;
    virtual bool resize(size_t n) = 0;
};

template <class T> struct NmFixed : NmArray {
    T* values;
    size_t count;
    explicit NmFixed(size_t n) : count(n) {
        type = NmType<T>::code;
        item = stride = sizeof(T);
        grows = false;
        const size_t bytes = (n * sizeof(T) + 63) / 64 * 64 + 64;
        values = static_cast<T*>(std::aligned_alloc(64, bytes));
        std::memset(static_cast<void*>(values), 0, bytes);
    }
    void* data() override { return values; }
    size_t size() override { return count; }
    bool resize(size_t n) override { return n == count; }
};

template <class T> struct NmVector : NmArray {
    std::vector<T> values;
    NmVector() { type = NmType<T>::code; item = stride = sizeof(T); grows = true; }
    void* data() override { return values.data(); }
    size_t size() override { return values.size(); }
    bool resize(size_t n) override { values.resize(n); return true; }
};

// Arrays of one length whose elements k lie side by side, so that an event of a synapse reads one line of memory, in large
// pages where the system has them: events reach synapses in no order that a cache of addresses could follow.
template <class T> struct NmRows {
    size_t fields, count = 0;
    std::unique_ptr<T, void (*)(void*)> values{nullptr, std::free};
    explicit NmRows(size_t fields_) : fields(fields_) {}
    bool resize(size_t n) {
        if (values || n == 0) return n == count;
        const size_t page = size_t(1) << 21, bytes = (n * fields * sizeof(T) + page - 1) / page * page;
        values.reset(static_cast<T*>(std::aligned_alloc(page, bytes)));
#ifdef MADV_HUGEPAGE
        madvise(values.get(), bytes, MADV_HUGEPAGE);
#endif
        std::memset(static_cast<void*>(values.get()), 0, bytes);
        count = n;
        return true;
    }
};

// One of them.
template <class T> struct NmField : NmArray {
    NmRows<T>& rows;
    size_t field;
    NmField(NmRows<T>& rows_, size_t field_) : rows(rows_), field(field_) {
        type = NmType<T>::code;
        item = sizeof(T);
        stride = rows.fields * sizeof(T);
        grows = true;
    }
    void* data() override { return rows.values ? rows.values.get() + field : nullptr; }
    size_t size() override { return rows.count; }
    bool resize(size_t n) override { return rows.resize(n); }
    bool empty() const { return rows.count == 0; }
    T& operator[](size_t k) { return rows.values.get()[k * rows.fields + field]; }
};

inline std::map<std::string, std::unique_ptr<NmArray>>& nm_arrays() {
    static std::map<std::string, std::unique_ptr<NmArray>> all;
    return all;
}

template <class T> NM_RARE T* nm_fixed(const char* name, size_t n) {
    auto* array = new NmFixed<T>(n);
    nm_arrays()[name].reset(array);
    return array->values;
}

template <class T> NM_RARE std::vector<T>& nm_vector(const char* name) {
    auto* array = new NmVector<T>();
    nm_arrays()[name].reset(array);
    return array->values;
}

template <class T> NM_RARE NmField<T>& nm_field(const char* name, NmRows<T>& rows, size_t field) {
    auto* array = new NmField<T>(rows, field);
    nm_arrays()[name].reset(array);
    return *array;
}

NM_RARE inline NmArray& nm_array(const std::string& name) {
    auto found = nm_arrays().find(name);
    if (found == nm_arrays().end()) nm_fail("unknown array: " + name);
    return *found->second;
}

// The values of an array that grows.
template <class T> NM_RARE std::vector<T>& nm_values(const std::string& name) {
    return static_cast<NmVector<T>&>(nm_array(name)).values;
}

inline double* nm_doubles(const std::string& name) {
    NmArray& array = nm_array(name);
    if (array.type != 'd' || array.stride != array.item) nm_fail("not an array of doubles: " + name);
    return static_cast<double*>(array.data());
}

// Numbers of single or double precision, read as doubles.
struct NmReals {
    const double* doubles = nullptr;
    const float* floats = nullptr;
    int64_t step;
    NM_RARE explicit NmReals(const std::string& name) {
        NmArray& array = nm_array(name);
        if (array.type == 'f') floats = static_cast<const float*>(array.data());
        else if (array.type == 'd') doubles = static_cast<const double*>(array.data());
        else nm_fail("not an array of numbers: " + name);
        step = int64_t(array.stride / array.item);
    }
    double operator[](int64_t k) const { return floats ? double(floats[k * step]) : doubles[k * step]; }
};

// A file of records, read whole.
struct NmRecords {
    struct Record { char type; std::string bytes; };
    std::map<std::string, Record> records;

    NM_RARE explicit NmRecords(const std::string& path) {
        FILE* file = std::fopen(path.c_str(), "rb");
        if (!file) nm_fail("cannot open " + path);
        char magic[8];
        if (std::fread(magic, 1, 8, file) != 8 || std::memcmp(magic, NM_MAGIC, 8)) nm_fail("not a file of arrays: " + path);
        uint32_t length;
        while (std::fread(&length, 4, 1, file) == 1) {
            char type;
            uint64_t bytes;
            bool whole = std::fread(&type, 1, 1, file) == 1 && std::fread(&bytes, 8, 1, file) == 1;
            std::string name(whole ? length : 0, 0), payload(whole ? bytes : 0, 0);
            whole = whole && std::fread(&name[0], 1, length, file) == length && std::fread(&payload[0], 1, bytes, file) == bytes;
            if (!whole) nm_fail("truncated: " + path);
            records[name] = Record{type, std::move(payload)};
        }
        std::fclose(file);
    }

    bool has(const std::string& name) const { return records.count(name) != 0; }

    template <class T> NM_RARE std::vector<T> get(const std::string& name) const {
        auto found = records.find(name);
        if (found == records.end()) nm_fail("missing: " + name);
        if (found->second.type != NmType<T>::code) nm_fail("wrong type: " + name);
        const T* first = reinterpret_cast<const T*>(found->second.bytes.data());
        return std::vector<T>(first, first + found->second.bytes.size() / sizeof(T));
    }

    template <class T> NM_RARE T one(const std::string& name) const {
        std::vector<T> all = get<T>(name);
        if (all.size() != 1) nm_fail("not one value: " + name);
        return all[0];
    }

    NM_RARE std::vector<std::string> lines(const std::string& name) const {
        std::vector<char> text = get<char>(name);
        std::vector<std::string> out;
        std::string line;
        for (char c : text) {
            if (c == '\n') { out.push_back(line); line.clear(); } else line += c;
        }
        if (!line.empty()) out.push_back(line);
        return out;
    }
};

// Sets every element of an array from consecutive ones.
inline void nm_copy_in(NmArray& array, const char* bytes) {
    char* const to = static_cast<char*>(array.data());
    if (array.stride == array.item && array.size()) std::memcpy(to, bytes, array.size() * array.item);
    else for (size_t k = 0; k < array.size(); k++) std::memcpy(to + k * array.stride, bytes + k * array.item, array.item);
}

// Every element of an array, consecutive.
NM_RARE inline std::string nm_copy_out(NmArray& array) {
    std::string bytes(array.size() * array.item, 0);
    const char* const from = static_cast<const char*>(array.data());
    for (size_t k = 0; k < array.size(); k++) std::memcpy(&bytes[k * array.item], from + k * array.stride, array.item);
    return bytes;
}

// Copies every record called PREFIX + `group.variable` into the program, and lets go of its bytes. With `sized` every
// array already has its length.
NM_RARE inline void nm_load(NmRecords& file, const std::string& prefix, bool sized = false) {
    for (auto& entry : file.records) {
        if (entry.first.compare(0, prefix.size(), prefix)) continue;
        const std::string name = entry.first.substr(prefix.size());
        NmArray& array = nm_array(name);
        if (array.type != entry.second.type) nm_fail("wrong type: " + name);
        const size_t n = entry.second.bytes.size() / array.item;
        if (sized ? n != array.size() : !array.resize(n))
            nm_fail("wrong size: " + name + " has " + std::to_string(array.size()) + " values, got " +
                    std::to_string(entry.second.bytes.size() / array.item));
        nm_copy_in(array, entry.second.bytes.data());
        std::string().swap(entry.second.bytes);
    }
}

// Gives all arrays of a set of synapses the length of `NAME.i`; what was not loaded is zero. A delay may be one for all.
NM_RARE inline void nm_count(const std::string& name) {
    const size_t n = nm_array(name + ".i").size();
    for (auto& entry : nm_arrays()) {
        if (entry.first.compare(0, name.size() + 1, name + ".")) continue;
        NmArray& array = *entry.second;
        const std::string variable = entry.first.substr(name.size() + 1);
        const bool delay = !variable.compare(0, 6, "delay_");
        if (variable == "N") *static_cast<int32_t*>(array.data()) = int32_t(n);
        if (!array.grows || array.size() == n || (delay && array.size() == 1)) continue;
        if (array.size() != 0) nm_fail("wrong size: " + entry.first + " in a set of " + std::to_string(n) + " synapses");
        array.resize(delay ? 1 : n);
    }
}

// Writes records to PATH.part and renames it, so that a file under its final name is always whole.
struct NmWriter {
    std::string path;
    FILE* file;
    NM_RARE explicit NmWriter(const std::string& final_path) : path(final_path) {
        file = std::fopen((path + ".part").c_str(), "wb");
        if (!file) failed();
        raw(NM_MAGIC, 8);
    }
    // Said on stdout: where a disk is full, the log is lost, too.
    [[noreturn]] void failed() const {
        std::printf("unwritten %s: %s\n", path.c_str(), std::strerror(errno));
        std::exit(5);
    }
    void raw(const void* bytes, size_t n) {
        if (n && std::fwrite(bytes, 1, n, file) != n) failed();
    }
    NM_RARE void record(const std::string& name, char type, const void* values, uint64_t bytes) {
        const uint32_t length = uint32_t(name.size());
        raw(&length, 4);
        raw(&type, 1);
        raw(&bytes, 8);
        raw(name.data(), length);
        raw(values, bytes);
    }
    template <class T> void put(const std::string& name, const T* values, size_t n) {
        record(name, NmType<T>::code, values, n * sizeof(T));
    }
    template <class T> void put(const std::string& name, const std::vector<T>& values) {
        put(name, values.data(), values.size());
    }
    void close() {
        if (std::fclose(file) || std::rename((path + ".part").c_str(), path.c_str())) failed();
    }
};

#endif
