"""Uses the same module, and is wrong in every line that says so: only the type checker reads it."""

import zoo

place = zoo.Zoo()
place.bytes("text", 2)  # wrong
place.agesByName({"Rex": 3})  # wrong
place.nickname(3)  # wrong
place.lengths([1])  # wrong
place.text(lambda: 5)  # wrong
place.total([lambda: "a"])  # wrong
place.counter()(5)  # wrong
place.open(lambda a, b: True)  # wrong
place.missing()  # wrong
zoo.Zoo(5)  # wrong
zoo.overload(1.5)  # wrong
zoo.add(1, 2).upper()  # wrong
print(place.size() + "x")  # wrong
