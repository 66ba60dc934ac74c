/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_OPTIONS_H
#define WFL_OPTIONS_H

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace ns3
{
namespace wfl
{

/** One option of the general program. */
struct Option
{
    std::string name;         ///< without dashes
    std::string defaultValue; ///< what holds when the user says nothing
    std::string help;         ///< one sentence
};

/**
 * The options of a program, checked before ns-3's own command line sees the arguments: a wrong
 * name, number or attribute gets one clear line instead of a page of help.
 */
class Options
{
  public:
    /**
     * Reads the arguments; ns-3's own ones (--ns3::Class::Attribute, global values such as
     * --RngRun, --PrintHelp and the like) take effect at once.
     * @param table the program's own options
     * @param argc number of arguments
     * @param argv the arguments, the program's name first
     * @throws fl::UserError for an argument that is none of these
     */
    Options(const std::vector<Option>& table, int argc, char** argv);

    /**
     * @param name an option
     * @return its text
     */
    const std::string& Text(const std::string& name) const;

    /**
     * @param name an option
     * @return whether the user gave it
     */
    bool IsGiven(const std::string& name) const;

    /**
     * @param name an option
     * @param minimum smallest value allowed
     * @param maximum largest value allowed
     * @return its value as a whole number
     * @throws fl::UserError if it is not one, or out of range
     */
    uint32_t Number(const std::string& name, uint32_t minimum, uint32_t maximum) const;

    /**
     * @param name an option
     * @param minimum smallest value allowed
     * @param maximum largest value allowed
     * @return its value
     * @throws fl::UserError if it is not a number, or out of range
     */
    double Real(const std::string& name, double minimum, double maximum) const;

    /**
     * @param name an option that is either there or not
     * @return whether it is there
     * @throws fl::UserError if it has a value other than true and false
     */
    bool Flag(const std::string& name) const;

    /**
     * @param name an option
     * @param words what is allowed
     * @return its text, one of the words
     * @throws fl::UserError if it is none of them
     */
    const std::string& Choice(const std::string& name, const std::vector<std::string>& words) const;

    /** @return every option and its text */
    const std::map<std::string, std::string>& All() const;

    /** @return the arguments for ns-3, as they were given */
    const std::vector<std::string>& ForNs3() const;

  private:
    void CheckForNs3(const std::string& argument) const;

    std::vector<Option> m_table;
    std::map<std::string, std::string> m_values;
    std::map<std::string, bool> m_given;
    std::vector<std::string> m_forNs3;
};

} // namespace wfl
} // namespace ns3

#endif // WFL_OPTIONS_H
