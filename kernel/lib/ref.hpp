#pragma once
// Shared ownership by a count inside the object. RefCounted gives the count, Ref holds one reference.
// The last Ref to go calls `destroy(T*)` found by argument-dependent look-up, or deletes the object.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

template <typename T>
class RefCounted {
public:
    RefCounted() = default;
    RefCounted(const RefCounted&) = delete;
    RefCounted& operator=(const RefCounted&) = delete;

    void add_reference() const { references_.fetch_add(1, std::memory_order_relaxed); }

    /// Takes a reference only if the object is not already on its way out (a table look-up racing with the last
    /// release).
    bool try_add_reference() const {
        auto count = references_.load(std::memory_order_relaxed);
        while (count != 0)
            if (references_.compare_exchange_weak(count, count + 1, std::memory_order_relaxed))
                return true;
        return false;
    }

    /// Gives a reference back; true when it was the last one.
    bool drop_reference() const { return references_.fetch_sub(1, std::memory_order_acq_rel) == 1; }

    std::uint32_t reference_count() const { return references_.load(std::memory_order_relaxed); }

protected:
    ~RefCounted() = default;

private:
    mutable std::atomic<std::uint32_t> references_{1};
};

template <typename T>
class [[nodiscard]] Ref {
public:
    constexpr Ref() = default;
    constexpr Ref(std::nullptr_t) {}
    Ref(const Ref& other) : object_(other.object_) { add(); }
    Ref(Ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
    template <typename U>
        requires(__is_convertible(U*, T*))
    Ref(Ref<U> other) : object_(other.release()) {}
    ~Ref() { reset(); }

    Ref& operator=(Ref other) noexcept {
        std::swap(object_, other.object_);
        return *this;
    }

    /// Takes over a reference that the caller owns (a fresh object has one).
    static Ref adopt(T* object) {
        Ref ref;
        ref.object_ = object;
        return ref;
    }
    /// Adds a reference to an object that somebody else keeps alive meanwhile.
    static Ref share(T* object) {
        if (object)
            object->add_reference();
        return adopt(object);
    }
    /// Gives the reference to the caller, who must adopt() it again.
    [[nodiscard]] T* release() { return std::exchange(object_, nullptr); }

    void reset() {
        if (T* object = std::exchange(object_, nullptr); object && object->drop_reference())
            dispose(object);
    }

    T* get() const { return object_; }
    T& operator*() const { return *object_; }
    T* operator->() const { return object_; }
    explicit operator bool() const { return object_ != nullptr; }
    bool operator==(const Ref&) const = default;

private:
    void add() {
        if (object_)
            object_->add_reference();
    }
    static void dispose(T* object) {
        if constexpr (requires { destroy(object); })
            destroy(object);
        else
            delete object;
    }

    T* object_ = nullptr;
};
