"""Uses a module made of Java, and is right about its types: for the type checker, and to be run."""

import datetime
import decimal

import zoo


class Cat:
    def name(self) -> str:
        return "Tom"


def visit() -> list[object]:
    seen: list[object] = []
    with zoo.Zoo([zoo.Dog("Rex")]) as place:
        place.title = place.title + "!"
        seen.append(place.title + str(place.size() + zoo.Zoo.LIMIT + zoo.limit))
        seen.append(place.bytes(b"ab", 2) + b"c")
        seen.append(place.from_("a", 1) + place.join("-", 1, "b", None))
        ages = place.agesByName({"Rex": [3, 4]})
        seen.append(ages["Rex"][0] + sum(ages["Rex"]) + ages.size())
        seen.append(place.nickname("Tom").get() + place.nickname(None).orElse("none"))
        seen.append([n + 1 for n in place.lengths(["a", "bc"])][1:])
        seen.append(place.add(Cat()) + place.add(zoo.Zoo.Plan("new", 2030)))
        seen.append(sorted(place.names()) + [name.upper() for name in place.names()])
        seen.append(list(place.mapped(lambda animal: animal.name())))
        seen.append(place.text(lambda: "text") + str(place.total([lambda: 1, lambda: 2])))
        place.forAll(lambda names, day: seen.append([*names, day is None]))
        seen.append(place.counter()("four") + 1)
        seen.append(place.price(decimal.Decimal("1.5"), datetime.date(2020, 1, 2)))
        seen.append(place.kind("FISH") + place.kind(zoo.Zoo.favourite))
        seen.append(place.Cage(place, 7).label())
        seen.append([animal.name() for animal in place])
        seen.append(len(zoo.list(2)[0]) + zoo.add(1, 2) + zoo.overload(3))
        seen.append(zoo.str(None) + zoo.overload("text"))
        seen.append(place.open(lambda gate: gate == "gate") is place)
        try:
            place.open(lambda gate: False)
        except zoo.Closed as closed:
            seen.append(closed.getMessage())
    seen.append(place.log[0].upper())
    seen.append(zoo.Dog("a") < zoo.Dog("b"))
    return seen


if __name__ == "__main__":
    for each in visit():
        print(each)
