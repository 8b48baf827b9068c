# SPDX-License-Identifier: Apache-2.0
"""Random expressions that make versions, and those that look at them part by part."""


class VersionGenerator:
    """Mixed into the generator of expressions, whose expr(), pick() and chance() it uses."""

    def make_within(self, kind, depth):
        return (
            "%s within %s"
            % (
                self.expr("version", depth, 6),
                self.pick(["26100", "26100.9106", "10.0.26100", "0"]),
            ),
            5,
        )

    def make_part_test(self, kind, depth):
        """A part of a version among numbers, which the compiler puts together; sometimes another
        part or version stands between them."""
        version, part = self.expr("version", min(depth, 1)), self.pick("1234")
        numbers = [
            self.pick(["0", "1", "10", "26100", "9106", "65535", "65536"])
            for _ in range(self.random.randint(1, 6))
        ]
        if self.chance(0.4):
            word = self.pick(["in", "not in"])
            return "part(%s, %s) %s {%s}" % (version, part, word, ", ".join(numbers)), 5
        tests = []
        for number in numbers:
            if self.chance(0.1):
                part = self.pick("1234")
            if self.chance(0.05):
                version = self.expr("version", min(depth, 1))
            tests.append("part(%s, %s) == %s" % (version, part, number))
            if self.chance(0.2) and number != "65536":
                tests.append("(%s) within %s" % (version, number))
        return " or ".join(tests), 2

    def make_part(self, kind, depth):
        number = self.expr("int", depth - 1) if self.chance(0.2) else self.pick("1234")
        return "part(%s, %s)" % (self.expr("version", depth), number), 10

    def productions_version(self):
        return [self.make_version] * 2

    def make_version(self, kind, depth):
        if self.all and self.chance(0.5) or self.chance(0.3):
            return "version(%s)" % self.expr("text", min(depth, 1)), 10
        numbers = [
            self.expr("int", depth - 1) for _ in range(self.random.randint(2, 4 if self.all else 3))
        ]
        return "version(%s)" % ", ".join(numbers), 10
