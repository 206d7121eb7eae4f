"""Names of nobody: given names, family names and clubs put together from invented syllables.

A part of them is what a timing system must survive: accents, letters that combine, scripts that are two cells wide. No list of real names
is kept here, ever.
"""

import random

_STARTS = (
    "Bel",
    "Cor",
    "Dra",
    "Fen",
    "Gau",
    "Hul",
    "Jor",
    "Kev",
    "Lum",
    "Mir",
    "Nov",
    "Ost",
    "Pel",
    "Quin",
    "Rav",
    "Sol",
    "Tur",
    "Vex",
    "Zan",
)
_MIDDLES = ("", "", "a", "e", "i", "o", "ari", "eli", "olu", "una", "ibe")
_ENDS = ("dric", "gant", "mund", "nard", "quet", "rell", "ssan", "vour", "xo", "zell")
_SOFT_ENDS = ("brine", "dia", "lisse", "mone", "nelle", "ria", "sette", "via", "zaine")
_ACCENTED = ("Ël", "Çor", "Dré", "Ñaj", "Östr", "Škál", "Żur", "Þrun", "Ærl", "Élou")
_ACCENTED_ENDS = ("bêc", "dañ", "løk", "mïx", "nürð", "quès", "rôn", "şım", "tèl", "vő")
_COMBINING = ("Be\u0301ru", "Co\u0308la", "N\u0303ora", "Su\u030alo", "Ze\u0323\u0302mi")
_WIDE = ("ロ", "ミ", "ヌ", "ケ", "ソ", "ラ", "テ", "ヴ", "곤", "빋", "룹", "숙", "龘", "靐", "齾", "鑫")
_GREEK = ("Βρα", "Γελ", "Δον", "Ζυρ", "Κολ")
_GREEK_ENDS = ("βίξ", "δώρ", "λυμ", "νάξ")
_CLUB_KINDS = ("Trail {}", "Club {}", "{} Running", "AE {}", "Les Isards de {}", "{}, section montagne", 'C.E. "{}"')


def given_name(rng: random.Random, sex: str) -> str:
    """A given name, sometimes a double one."""
    ends = _SOFT_ENDS if sex == "F" else _ENDS
    name = rng.choice(_STARTS) + rng.choice(_MIDDLES) + rng.choice(ends)
    if rng.random() < 0.06:
        name += "-" + rng.choice(_STARTS) + rng.choice(ends)
    return name


def family_name(rng: random.Random) -> str:
    """A family name; about one in five is not plain ASCII."""
    draw = rng.random()
    if draw < 0.10:
        return rng.choice(_ACCENTED) + rng.choice(_ACCENTED_ENDS)
    if draw < 0.14:
        return rng.choice(_COMBINING) + rng.choice(_ENDS)
    if draw < 0.18:
        return "".join(rng.choice(_WIDE) for _ in range(rng.randint(2, 4)))
    if draw < 0.20:
        return rng.choice(_GREEK) + rng.choice(_GREEK_ENDS)
    name = rng.choice(_STARTS) + rng.choice(_MIDDLES) + rng.choice(_ENDS)
    if draw < 0.24:
        return "O'" + name
    if draw < 0.30:
        return name + " " + rng.choice(_STARTS) + rng.choice(_ENDS)
    return name


def club(rng: random.Random) -> str:
    """A club, or nothing for about half of the runners."""
    if rng.random() < 0.5:
        return ""
    return rng.choice(_CLUB_KINDS).format(rng.choice(_STARTS) + rng.choice(_ENDS))
