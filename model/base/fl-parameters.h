/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_PARAMETERS_H
#define FL_PARAMETERS_H

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace fl
{

/** The type of a parameter's value. */
enum class ParameterType
{
    REAL,    ///< a finite decimal number
    INTEGER, ///< a whole number
    BOOLEAN, ///< true or false
    CHOICE,  ///< one of a list of words
    TEXT     ///< anything, for example a path
};

/** One row of a parameter table: what a named part can be told. */
struct ParameterInfo
{
    std::string name;         ///< as the user types it, in CamelCase
    ParameterType type;       ///< type of the value
    std::string unit;         ///< unit of the value, "" where it has none
    std::string defaultValue; ///< what holds when the user says nothing
    std::string help;         ///< one sentence
    double minimum{-std::numeric_limits<double>::infinity()}; ///< smallest number allowed
    double maximum{std::numeric_limits<double>::infinity()};  ///< largest number allowed
    std::vector<std::string> choices{};                       ///< the words of a CHOICE

    /** @return the allowed values in words, for example "0 to 1" */
    std::string Range() const;
};

/** All parameters of a named part, in the order in which they are listed. */
using ParameterTable = std::vector<ParameterInfo>;

/** A part as the user names it: `name[Key=value|Key=value]`. */
struct NameSpec
{
    std::string name;                          ///< the name in front of the bracket
    std::map<std::string, std::string> values; ///< what stands in the bracket

    /**
     * @param text what the user typed
     * @param option where, for the error message, for example "--algorithm"
     * @return the parsed name and values
     * @throws UserError if the text does not have the form `name[Key=value|Key=value]`
     */
    static NameSpec Parse(const std::string& text, const std::string& option);
};

/**
 * The checked values of a part's parameters: what the user gave, the table's defaults elsewhere.
 * Asking for a name that is not in the table, or for another type, is a programmer's error.
 */
class Parameters
{
  public:
    /** No parameters at all. */
    Parameters() = default;

    /**
     * @param table the parameters that exist
     * @param spec the part's name and the values given for it
     * @param option where they were given, for error messages
     * @throws UserError for an unknown name, a value of another type or one out of range
     */
    Parameters(const ParameterTable& table, const NameSpec& spec, const std::string& option);

    /**
     * @param name name of a REAL parameter
     * @return its value
     */
    double Real(const std::string& name) const;

    /**
     * @param name name of an INTEGER parameter
     * @return its value
     */
    int64_t Integer(const std::string& name) const;

    /**
     * @param name name of a BOOLEAN parameter
     * @return its value
     */
    bool Boolean(const std::string& name) const;

    /**
     * @param name name of a TEXT or CHOICE parameter
     * @return its value
     */
    const std::string& Text(const std::string& name) const;

    /**
     * Refuses a value that changes nothing because of what other parameters say.
     * @param name the parameter
     * @param counts whether it has an effect
     * @param condition when it has one, for the message, for example "Levels > 0"
     * @throws UserError if it has no effect and not its default value
     */
    void RequireEffect(const std::string& name, bool counts, const std::string& condition) const;

    /** @return every parameter and its value as text, in table order */
    const std::vector<std::pair<std::string, std::string>>& All() const;

  private:
    const std::string& Find(const std::string& name, ParameterType type) const;

    std::string m_owner; ///< whose they are, for error messages
    ParameterTable m_table;
    std::vector<std::pair<std::string, std::string>> m_values;
};

/**
 * @param text a decimal number as the user typed it
 * @param where what it is for, the beginning of the error message
 * @return the number
 * @throws UserError unless the whole text is one finite number
 */
double ParseReal(const std::string& text, const std::string& where);

/**
 * @param text a whole number as the user typed it
 * @param where what it is for, the beginning of the error message
 * @return the number
 * @throws UserError unless the whole text is one whole number that fits 64 bits
 */
int64_t ParseInteger(const std::string& text, const std::string& where);

/**
 * @param words some words
 * @return the words separated by ", "
 */
std::string JoinWords(const std::vector<std::string>& words);

/**
 * @param value a number
 * @return it in at most six digits, without superfluous ones
 */
std::string ShortText(double value);

} // namespace fl

#endif // FL_PARAMETERS_H
