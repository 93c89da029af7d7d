#include "nm_arrays.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

[[noreturn]] void nm_fail(const std::string& sentence) {
    std::fprintf(stderr, "%s\n", sentence.c_str());
    std::exit(3);
}

std::map<std::string, std::unique_ptr<NmArray>>& nm_arrays() {
    static std::map<std::string, std::unique_ptr<NmArray>> all;
    return all;
}

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

template <class T> bool NmRows<T>::resize(size_t n) {
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

template <class T> T* nm_fixed(const char* name, size_t n) {
    auto* array = new NmFixed<T>(n);
    nm_arrays()[name].reset(array);
    return array->values;
}

template <class T> std::vector<T>& nm_vector(const char* name) {
    auto* array = new NmVector<T>();
    nm_arrays()[name].reset(array);
    return array->values;
}

template <class T> NmField<T>& nm_field(const char* name, NmRows<T>& rows, size_t field) {
    auto* array = new NmField<T>(rows, field);
    nm_arrays()[name].reset(array);
    return *array;
}

NmArray& nm_array(const std::string& name) {
    auto found = nm_arrays().find(name);
    if (found == nm_arrays().end()) nm_fail("unknown array: " + name);
    return *found->second;
}

template <class T> std::vector<T>& nm_values(const std::string& name) {
    return static_cast<NmVector<T>&>(nm_array(name)).values;
}

#define NM_MADE_FOR(T)                                                              \
    template struct NmRows<T>;                                                      \
    template T* nm_fixed<T>(const char*, size_t);                                   \
    template std::vector<T>& nm_vector<T>(const char*);                             \
    template NmField<T>& nm_field<T>(const char*, NmRows<T>&, size_t);              \
    template std::vector<T>& nm_values<T>(const std::string&);
NM_MADE_FOR(double)
NM_MADE_FOR(float)
NM_MADE_FOR(int32_t)
NM_MADE_FOR(int64_t)
NM_MADE_FOR(char)
#undef NM_MADE_FOR

double* nm_doubles(const std::string& name) {
    NmArray& array = nm_array(name);
    if (array.type != 'd' || array.stride != array.item) nm_fail("not an array of doubles: " + name);
    return static_cast<double*>(array.data());
}

bool nm_asked(const std::string& name) {
    const double* values = nm_doubles(name);
    return std::any_of(values, values + nm_array(name).size(), [](double value) { return value != 0.0; });
}

NmRecords::NmRecords(const std::string& path) {
    const int opened = ::open(path.c_str(), O_RDONLY);
    struct stat about;
    if (opened < 0 || ::fstat(opened, &about)) nm_fail("cannot open " + path);
    length = size_t(about.st_size);
    void* const mapped = length < 8 ? MAP_FAILED : ::mmap(nullptr, length, PROT_READ, MAP_PRIVATE, opened, 0);
    ::close(opened);
    if (mapped == MAP_FAILED || std::memcmp(mapped, NM_MAGIC, 8)) nm_fail("not a file of arrays: " + path);
    file = static_cast<char*>(mapped);
    for (size_t at = 8; at < length;) {
        uint32_t name = 0;
        uint64_t bytes = 0;
        const size_t head = sizeof name + 1 + sizeof bytes;
        bool whole = length - at >= head;
        if (whole) {
            std::memcpy(&name, file + at, sizeof name);
            std::memcpy(&bytes, file + at + sizeof name + 1, sizeof bytes);
            whole = length - at - head >= name && length - at - head - name >= bytes;
        }
        if (!whole) nm_fail("truncated: " + path);
        const char* const first = file + at + head;
        records[std::string(first, name)] = Record{file[at + sizeof name], first + name, size_t(bytes)};
        at += head + name + size_t(bytes);
    }
}

NmRecords::~NmRecords() {
    if (file) ::munmap(file, length);
}

void NmRecords::drop(Record& record) const {
    const size_t page = size_t(::sysconf(_SC_PAGESIZE)), begin = size_t(record.bytes - file) + page - 1;
    const size_t first = begin / page, last = (size_t(record.bytes - file) + record.size) / page;
    if (last > first) ::madvise(file + first * page, (last - first) * page, MADV_DONTNEED);
    record = Record{record.type, nullptr, 0};
}

std::vector<std::string> NmRecords::lines(const std::string& name) const {
    std::vector<char> text = get<char>(name);
    std::vector<std::string> out;
    std::string line;
    for (char c : text) {
        if (c == '\n') { out.push_back(line); line.clear(); } else line += c;
    }
    if (!line.empty()) out.push_back(line);
    return out;
}

void nm_copy_in(NmArray& array, const char* bytes) {
    char* const to = static_cast<char*>(array.data());
    if (array.stride == array.item && array.size()) std::memcpy(to, bytes, array.size() * array.item);
    else for (size_t k = 0; k < array.size(); k++) std::memcpy(to + k * array.stride, bytes + k * array.item, array.item);
}

std::string nm_copy_out(NmArray& array) {
    std::string bytes(array.size() * array.item, 0);
    const char* const from = static_cast<const char*>(array.data());
    for (size_t k = 0; k < array.size(); k++) std::memcpy(&bytes[k * array.item], from + k * array.stride, array.item);
    return bytes;
}

void nm_load(NmRecords& file, const std::string& prefix, bool sized) {
    for (auto& entry : file.records) {
        if (entry.first.compare(0, prefix.size(), prefix)) continue;
        const std::string name = entry.first.substr(prefix.size());
        NmArray& array = nm_array(name);
        if (array.type != entry.second.type) nm_fail("wrong type: " + name);
        const size_t n = entry.second.size / array.item;
        if (sized ? n != array.size() : !array.resize(n))
            nm_fail("wrong size: " + name + " has " + std::to_string(array.size()) + " values, got " +
                    std::to_string(n));
        nm_copy_in(array, entry.second.bytes);
        file.drop(entry.second);
    }
}

void nm_count(const std::string& name) {
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

NmWriter::NmWriter(const std::string& final_path) : path(final_path) {
    file = std::fopen((path + ".part").c_str(), "wb");
    if (!file) failed();
    raw(NM_MAGIC, 8);
}

[[noreturn]] void NmWriter::failed() const {
    std::printf("unwritten %s: %s\n", path.c_str(), std::strerror(errno));
    std::exit(5);
}

void NmWriter::raw(const void* bytes, size_t n) {
    if (n && std::fwrite(bytes, 1, n, file) != n) failed();
}

void NmWriter::record(const std::string& name, char type, const void* values, uint64_t bytes) {
    const uint32_t length = uint32_t(name.size());
    raw(&length, 4);
    raw(&type, 1);
    raw(&bytes, 8);
    raw(name.data(), length);
    raw(values, bytes);
}

void NmWriter::close() {
    if (std::fclose(file) || std::rename((path + ".part").c_str(), path.c_str())) failed();
}
