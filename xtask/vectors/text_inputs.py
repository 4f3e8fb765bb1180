"""Shared inputs that are texts and vectors: generated texts with their references, columns of both, and
single texts."""

import re
import zlib

import numpy as np

NAN = float("nan")
INF = float("inf")


def rng(name):
    return np.random.default_rng(zlib.crc32(name.encode()))


SENTENCES = [
    "The quick brown fox jumps over the lazy dog.",
    "She sells sea shells by the sea shore, doesn't she?",
    "In 2024, the U.S. economy grew by 2.8%, i.e. more than the 1.9% that was expected.",
    "It costs $3.50 (plus 7-8% tax) at mid-day; ask for \"Tom's\" offer.",
    "Das Übermaß an Größe führt zu nichts, sagte Frau Müller.",
    "Le cœur a ses raisons que la raison ne connaît point.",
    "Please restart the server, check the log and write to support@example.org!",
    "A model that never finds a fraud of 1 in 1,000 has an accuracy of 0.999.",
    "to be or not to be that is the question",
    "no no no yes no yes no",
    "The cat sat on the mat. The cat sat on the mat. The dog did not.",
    "He said: “the theory — an old one — is right”.",
]

CHINESE = [
    "我今天去北京看朋友。",
    "价格是3.5元，比昨天贵了10%。",
    "机器学习模型需要持续监控，否则效果会下降！",
    "他说：“这是一个很好的问题”，然后就走了。",
    "使用Rust编写的程序又快又安全。",
]


def edited(name, text, rate, unit=" "):
    """The text with some of its words or characters left out, repeated, exchanged or replaced."""
    source = rng(f"edited/{name}/{text}")
    parts = text.split(unit) if unit else list(text)
    found = []
    for part in parts:
        chance = source.random()
        if chance < rate / 4:
            continue
        if chance < rate / 2:
            found += [part, part]
        elif chance < 3 * rate / 4:
            found.append("thing" if unit else "新")
        elif chance < rate and found:
            found.insert(-1, part)
        else:
            found.append(part)
    return unit.join(found)


def pairs(rows):
    return {
        "prediction": [prediction for prediction, _ in rows],
        "references": [
            [references] if isinstance(references, str) else references for _, references in rows
        ],
    }


def text_cases():
    """Generated texts, each with the texts that it should be."""
    good = [(edited("good", text, 0.2), text) for text in SENTENCES]
    bad = [(edited("bad", text, 0.9), text) for text in SENTENCES]
    chinese = [(edited("zh", text, 0.3, ""), text) for text in CHINESE]
    answers = [
        ("Paris", "paris."),
        ("the Beatles", "Beatles"),
        ("42", "forty-two"),
        ("An apple a day", "apple day"),
        ("", "nothing"),
        ("the", ""),
        ("“The” end", "“ ” end"),
        ("New  York\tCity", "new york city"),
    ]
    return {
        "empty": pairs([]),
        "one_row": pairs(good[:1]),
        "one_word": pairs([("yes", "yes")]),
        "two_rows": pairs(good[1:3]),
        "good": pairs(good),
        "bad": pairs(bad),
        "mixed": pairs(good + bad),
        "equal": pairs([(text, text) for text in SENTENCES]),
        "nothing_right": pairs([("alpha beta", "gamma delta"), ("uno dos tres", "eins zwei drei")]),
        "no_long_match": pairs([("one two three", "three two one"), ("a b c d e", "e d c b a")]),
        "answers": pairs(answers),
        "empty_predictions": pairs([("", text) for text in SENTENCES[:3]]),
        "empty_references": pairs([("some words", ""), ("", ""), ("a b", "a b")]),
        "only_empty": pairs([("", ""), (" ", "\t")]),
        "too_short": pairs([(text[: len(text) // 2], text) for text in SENTENCES]),
        "too_long": pairs([(text + " " + text, text) for text in SENTENCES]),
        "upper_case": pairs([(text.upper(), text) for text in SENTENCES]),
        "several_references": pairs(
            [
                (edited("multi", text, 0.3), [text, edited("second", text, 0.2), SENTENCES[0]][: 1 + i % 3])
                for i, text in enumerate(SENTENCES)
            ]
        ),
        "chinese": pairs(chinese),
        "chinese_and_english": pairs(chinese + good[:4]),
        "white_space": pairs(
            [
                ("a  b\tc", "a b\tc"),
                (" leading and trailing \n", "leading and trailing"),
                ("line one\nline two", "line one line two"),
                ("hyphen-\nated word", "hyphenated word"),
                ("x\u00a0y\u2003z", "x y z"),
                ("a\u001fb c", "a b c"),
            ]
        ),
        "marks": pairs(
            [
                ("a,,b..c 1,000.5 -3 4-5 x.y", "a , , b . . c 1,000.5 -3 4 - 5 x . y"),
                ("&lt;b&gt; &amp;lt; &quot;q&quot;", "<b> < \"q\""),
                ("<skipped>word {a}[b]^c`d~e|f\\g", "word { a } [ b ] ^ c"),
                ("'tis rock'n'roll_x #1 @home 50% a/b", "tis rock n roll x 1 home 50 a b"),
            ]
        ),
        "long": pairs(
            [
                (" ".join(edited(f"long/{i}", text, 0.25) for text in SENTENCES * 2), " ".join(SENTENCES * 2))
                for i in range(2)
            ]
        ),
        "some_missing": {
            "prediction": [None if i % 4 == 1 else prediction for i, (prediction, _) in enumerate(good)],
            "references": [None if i % 4 == 2 else [text] for i, (_, text) in enumerate(good)],
        },
        "no_targets": {
            "prediction": [prediction for prediction, _ in good],
            "references": [None] * len(good),
        },
        "no_predictions": {
            "prediction": [None] * len(good),
            "references": [[text] for _, text in good],
        },
    }


IDEOGRAPHS = (
    "\u3005-\u3007\u3040-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\uff66-\uff9d\U00020000-\U0003ffff"
)
RUN = rf"(?:(?![{IDEOGRAPHS}])[^\W_])+"
WORD = re.compile(rf"(?=[^\W_])[{IDEOGRAPHS}]|{RUN}(?:['\u2019]{RUN})*")


def words(text):
    """The words of a text in lower case: runs of letters and digits, ideographs one by one."""
    return [word.replace("\u2019", "'").lower() for word in WORD.findall(text)]


def sentences(name, n, vocabulary=300, topics=4, extra=0, foreign=0.0):
    """Texts of words by Zipf's law, half of them of the text's topic."""
    source = rng("sentences/" + name)
    weights = 1 / np.arange(1, vocabulary + 1)
    weights /= weights.sum()
    texts = []
    for _ in range(n):
        topic = source.integers(topics)
        ranks = source.choice(vocabulary, source.integers(3, 12) + extra, p=weights)
        found = []
        for rank in ranks:
            chance = source.random()
            group = 99 if chance < foreign else topic if chance < 0.5 + foreign / 2 else 50
            found.append(f"w{group * 1000 + rank}")
        texts.append(" ".join(found))
    return texts


def two_sample(kind, reference, current):
    return {"kind": kind, "current_kind": kind, "reference": reference, "current": current}


def text_columns():
    small, base = sentences("small", 25), sentences("base", 160)
    cases = {
        "empty_both": ([], []),
        "empty_reference": ([], small),
        "empty_current": (small, []),
        "all_null_current": (small, [None] * 20),
        "all_null_reference": ([None] * 20, small),
        "one_row_each": (["a first text"], ["a second one"]),
        "two_rows_each": (["a first text", "and another"], ["a second one", "a third"]),
        "no_words": (["", "…", "!"], small),
        "empty_texts": (["", *small], ["", "", "", *small[:9]]),
        "identical": (small, small),
        "null_small": (small, sentences("null_small", 30)),
        "null": (base, sentences("null", 90)),
        "longer": (base, sentences("longer", 90, extra=6)),
        "other_words": (base, sentences("foreign", 90, foreign=0.5)),
        "all_new": (small, sentences("new", 25, topics=1, foreign=1.1)),
        "case_and_marks": (small, [text.upper() + "!" for text in small]),
        "sentences": (SENTENCES, SENTENCES[::-1] + CHINESE),
        "chinese": (CHINESE * 4, [edited("column", text, 0.4, "") for text in CHINESE] * 3),
        "many_words": (sentences("many/a", 120, 3000), sentences("many/b", 80, 3000)),
        "some_nulls": ([None, *small, None], [None, "", *small[5:], None]),
    }
    return {f"text_{name}": two_sample("text", *case) for name, case in cases.items()}


def vectors(name, n, dimension, shift=0.0, common=0.5):
    source = rng("vectors/" + name)
    rows = source.normal(0, 1, (n, dimension)) + common * source.normal(0, 1, (n, 1)) + shift
    return [[float(value) for value in row] for row in np.round(rows, 3)]


def embedding_columns():
    small, base = vectors("small", 12, 3), vectors("base", 80, 8)
    cases = {
        "empty_both": ([], []),
        "empty_reference": ([], small),
        "empty_current": (small, []),
        "all_null_current": (small, [None] * 9),
        "one_row_current": (small, small[:1]),
        "two_rows_each": (small[:2], small[5:7]),
        "identical": (small, small),
        "one_component": (vectors("one/a", 40, 1), vectors("one/b", 30, 1, 0.5)),
        "null": (base, vectors("null", 50, 8)),
        "shift": (base, vectors("shift", 50, 8, 0.4)),
        "small_shift": (small, vectors("small_shift", 9, 3, 2.0)),
        "wide": (vectors("wide/a", 40, 70), vectors("wide/b", 30, 70, 0.2)),
        "other_dimension": (small, vectors("other", 12, 4)),
        "some_of_another_dimension": (small + [[1.0], [2.0]], [[3.0, 1.0], *vectors("some", 9, 3)]),
        "some_unusable": (
            [None, [NAN, 1.0, 2.0], *small, [INF, 0.0, 0.0]],
            [*vectors("unusable", 9, 3, 1.0), None, [1.0, -INF, NAN], []],
        ),
        "only_infinities_current": (small, [[INF, 1.0, 2.0]] * 4),
        "constant_equal": ([[1.0, 2.0]] * 5, [[1.0, 2.0]] * 4),
        "constant_different": ([[1.0, 2.0]] * 5, [[1.0, 3.0]] * 4),
        "zero_vectors": ([[0.0] * 3] * 6 + small, [[0.0] * 3] * 9 + small[:5]),
        "large_offset": (
            [[value + 1e4 for value in row] for row in small],
            [[value + 1e4 for value in row] for row in vectors("offset", 15, 3, 0.5)],
        ),
    }
    return {f"embedding_{name}": two_sample("embedding", *case) for name, case in cases.items()}


def described_texts():
    """Single texts for descriptors."""
    texts = {f"sentence_{i}": text for i, text in enumerate(SENTENCES)}
    texts |= {f"chinese_{i}": text for i, text in enumerate(CHINESE)}
    texts |= {
        "empty": "",
        "spaces": " \t\n",
        "marks": "?!… --",
        "one_word": "Yes",
        "upper": "THIS IS LOUD!",
        "digits": "3.14 42 7",
        "lines": "first line\nsecond line\n\nlast",
        "abbreviations": "Dr. Who lives at 5.5 km. e.g. there... Right?! Yes",
        "repeated": "the end the end the end THE END",
    }
    return {name: {"text": text} for name, text in texts.items()}
