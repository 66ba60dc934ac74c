/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_REGISTRY_H
#define WFL_REGISTRY_H

#include "ns3/attribute.h"
#include "ns3/object-base.h"
#include "ns3/object-factory.h"
#include "ns3/type-id.h"

#include <map>
#include <optional>
#include <string>

namespace ns3
{
namespace wfl
{

/**
 * ns-3 classes by the short names that a user types, one registry for each kind (channels, loss
 * models, transports, compute models, devices, batteries, mobility and so on). What stands in the
 * bracket behind a name are the class's attributes.
 */
class TypeRegistry
{
  public:
    /** Attributes that a short name stands for, by name. */
    using Presets = std::map<std::string, std::string>;

    /** What a short name means. */
    struct Entry
    {
        TypeId tid;      ///< the class
        Presets presets; ///< its attributes, unless the user gives others
    };

    /**
     * @param kind what is registered, as in the option without dashes, for example "channel"
     * @return the only registry of this kind
     */
    static TypeRegistry& Get(const std::string& kind);

    /**
     * @param name the short name; registering one twice is a programmer's error
     * @param tid the class
     * @param presets attributes that the name stands for
     */
    void Add(const std::string& name, TypeId tid, const Presets& presets);

    /**
     * @param text what the user typed, `name[Attribute=value|...]`
     * @param option of the command line, for messages; without one `--` and the kind
     * @return a factory for such objects
     * @throws fl::UserError for an unknown name or attribute, or a value that does not fit
     */
    ObjectFactory Parse(const std::string& text, std::string option = "") const;

    /**
     * From now on names of classes are understood as well as short names.
     * @param base whose subclasses
     */
    void SetBase(TypeId base);

    /** @return what the short names mean, in alphabetical order */
    const std::map<std::string, Entry>& Entries() const;

  private:
    explicit TypeRegistry(const std::string& kind);

    std::optional<Entry> Find(const std::string& name) const;

    std::string m_kind;
    std::map<std::string, Entry> m_entries;
    std::optional<TypeId> m_base; ///< whose subclasses are known by their own names, too
};

/**
 * Whether a text is a value of an attribute. ns-3's own check ends the program for a number or a
 * time that cannot be read at all.
 * @param checker the attribute's checker
 * @param text what the user typed
 * @return whether it fits
 */
bool FitsAttribute(Ptr<const AttributeChecker> checker, const std::string& text);

/**
 * Registers a class while the program is loaded.
 * @tparam T the class
 */
template <typename T>
struct TypeRegistration
{
    /**
     * @param kind the kind's name
     * @param name the short name
     * @param presets attributes that the name stands for
     */
    TypeRegistration(const std::string& kind,
                     const std::string& name,
                     const TypeRegistry::Presets& presets = {})
    {
        TypeRegistry::Get(kind).Add(name, T::GetTypeId(), presets);
    }
};

} // namespace wfl
} // namespace ns3

/** Makes a ChannelModel subclass available as --channel=name; stands in its source file. */
#define WFL_REGISTER_CHANNEL(type, name)                                                           \
    NS_OBJECT_ENSURE_REGISTERED(type);                                                             \
    static const ::ns3::wfl::TypeRegistration<type> g_register##type("channel", name)

/** Makes a LossModel subclass available as --loss=name; stands in its source file. */
#define WFL_REGISTER_LOSS(type, name)                                                              \
    NS_OBJECT_ENSURE_REGISTERED(type);                                                             \
    static const ::ns3::wfl::TypeRegistration<type> g_register##type("loss", name)

/** Makes a Transport subclass available as --transport=name; stands in its source file. */
#define WFL_REGISTER_TRANSPORT(type, name)                                                         \
    NS_OBJECT_ENSURE_REGISTERED(type);                                                             \
    static const ::ns3::wfl::TypeRegistration<type> g_register##type("transport", name)

/** Makes a ComputeModel subclass available as --compute=name; stands in its source file. */
#define WFL_REGISTER_COMPUTE(type, name)                                                           \
    NS_OBJECT_ENSURE_REGISTERED(type);                                                             \
    static const ::ns3::wfl::TypeRegistration<type> g_register##type("compute", name)

/** Makes a DeviceProfile, or a subclass, available as --energy=name; stands in its source file. */
#define WFL_REGISTER_DEVICE(type, name)                                                            \
    NS_OBJECT_ENSURE_REGISTERED(type);                                                             \
    static const ::ns3::wfl::TypeRegistration<type> g_register##type("energy", name)

/** Makes a HarvestModel subclass available as --harvest=name; stands in its source file. */
#define WFL_REGISTER_HARVEST(type, name)                                                           \
    NS_OBJECT_ENSURE_REGISTERED(type);                                                             \
    static const ::ns3::wfl::TypeRegistration<type> g_register##type("harvest", name)

/** Makes an AvailabilityModel subclass available as --availability=name. */
#define WFL_REGISTER_AVAILABILITY(type, name)                                                      \
    NS_OBJECT_ENSURE_REGISTERED(type);                                                             \
    static const ::ns3::wfl::TypeRegistration<type> g_register##type("availability", name)

/** Makes a SelectionPolicy subclass available as --selection=name; stands in its source file. */
#define WFL_REGISTER_SELECTION(type, name)                                                         \
    NS_OBJECT_ENSURE_REGISTERED(type);                                                             \
    static const ::ns3::wfl::TypeRegistration<type> g_register##type("selection", name)

/** Makes a Mobility subclass available as --mobility=name; stands in its source file. */
#define WFL_REGISTER_MOBILITY(type, name)                                                          \
    NS_OBJECT_ENSURE_REGISTERED(type);                                                             \
    static const ::ns3::wfl::TypeRegistration<type> g_register##type("mobility", name)

#endif // WFL_REGISTRY_H
