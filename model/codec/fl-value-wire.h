/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_VALUE_WIRE_H
#define FL_VALUE_WIRE_H

#include "ns3/fl-value-code.h"

#include <boost/endian/conversion.hpp>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace fl
{

/**
 * @param value a number
 * @return the IEEE 754 binary16 nearest to it, ties to even; what is too large becomes infinite
 */
uint16_t ToHalf(double value);

/**
 * @param bits an IEEE 754 binary16
 * @return the same number
 */
float FromHalf(uint16_t bits);

/**
 * The image of a number on the wire, before it is put in little-endian order.
 * @tparam T uint16_t, uint32_t or uint64_t for IEEE 754 binary16, binary32 or binary64
 */
template <typename T>
struct ValueWire
{
    using Bits = T;                              ///< the image
    static constexpr uint32_t BYTES = sizeof(T); ///< its length

    /** @param value a number that the image can hold @return the image */
    template <typename S>
    static Bits Write(S value)
    {
        if constexpr (sizeof(T) == sizeof(uint16_t))
        {
            return ToHalf(value);
        }
        else
        {
            using Float = std::conditional_t<sizeof(T) == sizeof(float), float, double>;
            const auto number = static_cast<Float>(value);
            Bits bits;
            std::memcpy(&bits, &number, sizeof bits);
            return bits;
        }
    }

    /** @param bits the image @return the number */
    template <typename S>
    static S Read(Bits bits)
    {
        if constexpr (sizeof(T) == sizeof(uint16_t))
        {
            return FromHalf(bits);
        }
        else
        {
            std::conditional_t<sizeof(T) == sizeof(float), float, double> number;
            std::memcpy(&number, &bits, sizeof bits);
            return static_cast<S>(number);
        }
    }

    /** @param value a number that the image can hold @param bytes where it is written */
    template <typename S>
    static void Store(S value, uint8_t* bytes)
    {
        const Bits bits = boost::endian::native_to_little(Write(value));
        std::memcpy(bytes, &bits, sizeof bits);
    }

    /** @param bytes where an image stands @return the number */
    template <typename S>
    static S Load(const uint8_t* bytes)
    {
        Bits bits;
        std::memcpy(&bits, bytes, sizeof bits);
        return Read<S>(boost::endian::little_to_native(bits));
    }
};

/**
 * @tparam S the scalar, float or double
 * @param code how a number travels
 * @return length of its image in bytes
 */
template <typename S>
uint32_t
ValueBytes(ValueCode code)
{
    return code == ValueCode::HALF ? 2 : code == ValueCode::SINGLE ? 4 : sizeof(S);
}

/**
 * @tparam S the scalar, float or double
 * @param bytes length of an image
 * @return how numbers of that length travel; of two names for the same, NATIVE
 */
template <typename S>
ValueCode
CodeOfBytes(uint32_t bytes)
{
    return bytes == sizeof(S) ? ValueCode::NATIVE
           : bytes == 4       ? ValueCode::SINGLE
                              : ValueCode::HALF;
}

/**
 * Calls a function with the ValueWire of a code.
 * @tparam S the scalar, float or double
 * @param code how numbers travel
 * @param function called as function(ValueWire<T>())
 * @return what the function returns
 */
template <typename S, typename Function>
auto
WithValueWire(ValueCode code, Function function)
{
    if (code == ValueCode::HALF)
    {
        return function(ValueWire<uint16_t>());
    }
    if constexpr (sizeof(S) == sizeof(double))
    {
        if (code == ValueCode::NATIVE)
        {
            return function(ValueWire<uint64_t>());
        }
    }
    return function(ValueWire<uint32_t>());
}

} // namespace fl

#endif // FL_VALUE_WIRE_H
