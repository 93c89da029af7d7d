// Every array of a program under its logical name `group.variable`, and files of named arrays.
//
// A file is "NMARRAY1" and then records: name length (u32), type (char), payload bytes (u64), name, payload.
// Types: d double, f float, i int32, l int64, b bytes. Little endian. `neuromod.program.records` is the other side.
#ifndef NM_ARRAYS_HPP
#define NM_ARRAYS_HPP

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <vector>

#define NM_MAGIC "NMARRAY1"

// Ends the program with one sentence; exit code 3 means that the caller handed in something that does not fit.
[[noreturn]] void nm_fail(const std::string& sentence);

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

// Arrays of one length whose elements k lie side by side, so that an event of a synapse reads one line of memory, in large
// pages where the system has them: events reach synapses in no order that a cache of addresses could follow.
template <class T> struct NmRows {
    size_t fields, count = 0;
    std::unique_ptr<T, void (*)(void*)> values{nullptr, std::free};
    explicit NmRows(size_t fields_) : fields(fields_) {}
    bool resize(size_t n);
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

std::map<std::string, std::unique_ptr<NmArray>>& nm_arrays();

// New arrays: of a fixed length, of one that is found when it is filled, and one of a set.
template <class T> T* nm_fixed(const char* name, size_t n);
template <class T> std::vector<T>& nm_vector(const char* name);
template <class T> NmField<T>& nm_field(const char* name, NmRows<T>& rows, size_t field);

NmArray& nm_array(const std::string& name);

// The values of an array that grows.
template <class T> std::vector<T>& nm_values(const std::string& name);

double* nm_doubles(const std::string& name);

// Is an element of an array of doubles not 0: something was asked for.
bool nm_asked(const std::string& name);

// Numbers of single or double precision, read as doubles.
struct NmReals {
    const double* doubles = nullptr;
    const float* floats = nullptr;
    int64_t step;
    explicit NmReals(const std::string& name) {
        NmArray& array = nm_array(name);
        if (array.type == 'f') floats = static_cast<const float*>(array.data());
        else if (array.type == 'd') doubles = static_cast<const double*>(array.data());
        else nm_fail("not an array of numbers: " + name);
        step = int64_t(array.stride / array.item);
    }
    double operator[](int64_t k) const { return floats ? double(floats[k * step]) : doubles[k * step]; }
};

// A file of records. It is mapped, not read: its pages are the system's to keep or to drop, so that a network of many
// synapses is in memory once.
struct NmRecords {
    struct Record { char type; const char* bytes; size_t size; };
    std::map<std::string, Record> records;
    char* file = nullptr;
    size_t length = 0;

    explicit NmRecords(const std::string& path);
    ~NmRecords();
    NmRecords(const NmRecords&) = delete;
    NmRecords& operator=(const NmRecords&) = delete;

    // Nobody reads this record again: its pages may go.
    void drop(Record& record) const;

    bool has(const std::string& name) const { return records.count(name) != 0; }

    template <class T> std::vector<T> get(const std::string& name) const {
        auto found = records.find(name);
        if (found == records.end()) nm_fail("missing: " + name);
        if (found->second.type != NmType<T>::code) nm_fail("wrong type: " + name);
        std::vector<T> values(found->second.size / sizeof(T));
        if (!values.empty()) std::memcpy(values.data(), found->second.bytes, values.size() * sizeof(T));
        return values;
    }

    template <class T> T one(const std::string& name) const {
        std::vector<T> all = get<T>(name);
        if (all.size() != 1) nm_fail("not one value: " + name);
        return all[0];
    }

    std::vector<std::string> lines(const std::string& name) const;
};

// Sets every element of an array from consecutive ones.
void nm_copy_in(NmArray& array, const char* bytes);

// Every element of an array, consecutive.
std::string nm_copy_out(NmArray& array);

// Copies every record called PREFIX + `group.variable` into the program, and lets go of its bytes. With `sized` every
// array already has its length.
void nm_load(NmRecords& file, const std::string& prefix, bool sized = false);

// Gives all arrays of a set of synapses the length of `NAME.i`; what was not loaded is zero. A delay may be one for all.
void nm_count(const std::string& name);

// Writes records to PATH.part and renames it, so that a file under its final name is always whole.
struct NmWriter {
    std::string path;
    FILE* file;
    explicit NmWriter(const std::string& final_path);
    // Said on stdout: where a disk is full, the log is lost, too.
    [[noreturn]] void failed() const;
    void raw(const void* bytes, size_t n);
    void record(const std::string& name, char type, const void* values, uint64_t bytes);
    template <class T> void put(const std::string& name, const T* values, size_t n) {
        record(name, NmType<T>::code, values, n * sizeof(T));
    }
    template <class T> void put(const std::string& name, const std::vector<T>& values) {
        put(name, values.data(), values.size());
    }
    void close();
};

#endif
