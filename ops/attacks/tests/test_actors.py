"""What an actor and its director say to each other."""

import unittest

from actors import Actor, Failed


def says_and_ends(prompt):
    prompt.tell("last words")


def fails(prompt):
    raise ValueError("no such room")


def answers(prompt, word):
    prompt.tell(word)
    prompt.tell(prompt.wait() + word)
    prompt.wait()


class Actors(unittest.TestCase):
    def act(self, role, *arguments):
        actor = Actor(role, *arguments)
        self.addCleanup(actor.send_away)
        return actor

    def test_each_hears_the_other_in_turn(self):
        actor = self.act(answers, "o")
        self.assertEqual(actor.hear(), "o")
        actor.cue("hell")
        self.assertEqual(actor.hear(), "hello")

    def test_what_it_said_before_it_ended_is_heard_also_if_it_is_cued_after_that(self):
        actor = self.act(says_and_ends)
        actor.process.join()
        actor.cue()
        self.assertEqual(actor.hear(), "last words")
        with self.assertRaisesRegex(Failed, "has ended"):
            actor.hear()

    def test_a_failure_is_told_with_its_reason(self):
        with self.assertRaisesRegex(Failed, "no such room"):
            self.act(fails).hear()

    def test_silence_is_a_failure(self):
        actor = self.act(answers, "o")
        actor.hear()
        with self.assertRaisesRegex(Failed, "answers says nothing"):
            actor.hear(0.05)
