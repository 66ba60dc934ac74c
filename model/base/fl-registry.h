/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_REGISTRY_H
#define FL_REGISTRY_H

#include "ns3/fl-error.h"
#include "ns3/fl-parameters.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace fl
{

/**
 * The parts of one kind (algorithms, objectives, datasets, ...) by the name that a user types.
 * A part registers itself with a static Registration object in its own source file.
 *
 * @tparam Factory what makes a part once its name is known; each kind has a type of its own, which
 *         also tells the registries apart
 */
template <typename Factory>
class Registry
{
  public:
    /** What is known of one registered part. */
    struct Entry
    {
        std::string help;          ///< one line for `=list`
        ParameterTable parameters; ///< what stands in the bracket behind the name
        Factory factory;           ///< makes the part
    };

    /** A part that was chosen, and the parameters to make it with. */
    struct Choice
    {
        const Factory& factory; ///< makes the part
        Parameters parameters;  ///< checked
    };

    /** @return the only registry of this kind */
    static Registry& Get()
    {
        static Registry registry;
        return registry;
    }

    /**
     * @param name the name a user types; registering a name twice is a programmer's error
     * @param entry the part
     */
    void Add(const std::string& name, Entry entry)
    {
        if (!m_entries.emplace(name, std::move(entry)).second)
        {
            throw std::logic_error(name + " is registered twice");
        }
    }

    /**
     * @param name a name the user typed
     * @param option where, for the error message
     * @return the part of that name
     * @throws UserError with the list of names if there is none
     */
    const Entry& Find(const std::string& name, const std::string& option) const
    {
        const auto found = m_entries.find(name);
        if (found == m_entries.end())
        {
            throw UserError(option + ": \"" + name + "\" is unknown, known are " +
                            JoinWords(Names()));
        }
        return found->second;
    }

    /**
     * @param text what the user typed, `name[Key=value|...]`
     * @param option where, for the error message
     * @return the part of that name and its parameters
     * @throws UserError for an unknown name, an unknown parameter or a value that does not fit
     */
    Choice Choose(const std::string& text, const std::string& option) const
    {
        const auto spec = NameSpec::Parse(text, option);
        const auto& entry = Find(spec.name, option);
        return {entry.factory, Parameters(entry.parameters, spec, option)};
    }

    /** @return all parts by name, in alphabetical order */
    const std::map<std::string, Entry>& Entries() const
    {
        return m_entries;
    }

    /** @return all names, in alphabetical order */
    std::vector<std::string> Names() const
    {
        std::vector<std::string> names;
        for (const auto& [name, entry] : m_entries)
        {
            names.push_back(name);
        }
        return names;
    }

  private:
    std::map<std::string, Entry> m_entries;
};

/**
 * Registers a part while the program is loaded.
 * @tparam Factory the kind's factory type
 */
template <typename Factory>
struct Registration
{
    /**
     * @param name the name a user types
     * @param help one line for `=list`
     * @param parameters the part's parameter table
     * @param factory makes the part
     */
    Registration(const std::string& name,
                 const std::string& help,
                 ParameterTable parameters,
                 Factory factory)
    {
        Registry<Factory>::Get().Add(name, {help, std::move(parameters), std::move(factory)});
    }
};

} // namespace fl

#endif // FL_REGISTRY_H
