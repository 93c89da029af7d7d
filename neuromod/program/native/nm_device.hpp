// Named arrays (nm_arrays.hpp) on the device. The generated statements find each under the name it has in C++: a pointer, or
// something that looks like a vector, in constant memory.
#ifndef NM_DEVICE_HPP
#define NM_DEVICE_HPP

#include <map>
#include "nm_cuda.hpp"

template <class T> struct NmDeviceVector {
    T* values;
    size_t count;
    NM_BOTH bool empty() const { return count == 0; }
    NM_BOTH size_t size() const { return count; }
    NM_BOTH T& operator[](size_t k) const { return values[k]; }
};

// Where the array with these values on the host stands on the device.
inline std::map<const void*, void*>& nm_on_device() {
    static std::map<const void*, void*> all;
    return all;
}

template <class T> T* nm_device_of(const T* host) {
    auto found = nm_on_device().find(host);
    if (found == nm_on_device().end()) nm_fail("an array is not on the device");
    return static_cast<T*>(found->second);
}

template <class T> T* nm_upload(const T* host, size_t n) {
    T* device = nm_allocate<T>(n);
    nm_to_device(device, host, n);
    return device;
}

template <class T> T* nm_upload(const std::vector<T>& host) { return nm_upload(host.data(), host.size()); }

template <class T> T* nm_upload_array(const char* name) {
    NmArray& array = nm_array(name);
    const T* host = static_cast<const T*>(array.data());
    T* device = nm_upload(host, array.size());
    nm_on_device()[host] = device;
    return device;
}

// Brings the values of an array back to the host.
inline void nm_download_array(const std::string& name) {
    NmArray& array = nm_array(name);
    char* host = static_cast<char*>(array.data());
    nm_to_host(host, nm_device_of(host), array.size() * array.item);
}

template <class T> void nm_bind(const char* name, T*& symbol) { nm_to_constant(symbol, nm_upload_array<T>(name)); }

template <class T> void nm_bind(const char* name, NmDeviceVector<T>& symbol) {
    nm_to_constant(symbol, NmDeviceVector<T>{nm_upload_array<T>(name), nm_array(name).size()});
}

#endif
