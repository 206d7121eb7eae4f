"""Which column of a stranger's table is which of ours: as the organiser says, or by the names that people give them.

Names in English, French, Spanish, German and Italian; compared without case, accents and punctuation.
"""

import csv
import re
import unicodedata
from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from tracker.imports.taking import Fault

Names = Mapping[str, str]
"""Our name → what others call it, with `|` between."""

OF_PASSAGES: Names = {
    "bib": "bib|bib no|bib number|bibnumber|number|no|nr|num|race number|start no|start nr|start number|"
    "startnr|startno|startnumber|startnummer|stnr|dossard|n dossard|"
    "numero dossard|numero de dossard|doss|dorsal|n dorsal|numero de dorsal|pettorale|n pettorale|numero pettorale|pett",
    "time": "time|timestamp|date time|datetime|time of day|tod|entered time|absolute time|clock time|utctime|zeit|uhrzeit|zeitstempel|"
    "tageszeit|heure|heure de passage|horodatage|temps|hora|hora de paso|tiempo|ora|orario|ora di passaggio|tempo",
    "date": "date|day|datum|tag|jour|fecha|dia|data|giorno",
    "checkpoint": "checkpoint|cp|point|timing point|timingpoint|location|split|split name|aid station|control|control point|messpunkt|"
    "messstelle|ort|posten|kontrollpunkt|kontrollstelle|verpflegung|poste|poste de controle|point de passage|point de controle|lieu|"
    "pointage|punto|punto de control|punto de paso|lugar|punto di controllo|punto di passaggio|controllo|luogo|rilevamento",
    "station": "station|place",
    "race": "race|event|distance|contest|course|wettbewerb|strecke|rennen|lauf|bewerb|epreuve|parcours|carrera|prueba|distancia|recorrido|"
    "gara|percorso|distanza",
    "way": "way|in out|inout|direction|sub split kind|kind|richtung|sens|sentido|direccion|direzione|verso",
    "device": "device|source|reader|decoder|box|box name|device id|deviceid|gerat|leser|lecteur|appareil|lector|dispositivo|lettore",
    "stopped": "stopped|stopped here|dnf here|abandon|abandono|aufgabe|ritiro",
}
OF_ENTRANTS: Names = {
    "bib": OF_PASSAGES["bib"],
    "race": OF_PASSAGES["race"],
    "name": "name|full name|runner|athlete|participant|nom complet|nom et prenom|nom prenom|coureur|nombre completo|nombre y apellidos|"
    "corredor|laufer|teilnehmer|nome completo|nome e cognome|cognome e nome|atleta",
    "first_name": "first name|firstname|first|given name|prenom|nombre|vorname|nome",
    "last_name": "last name|lastname|last|family name|surname|nom|nom de famille|apellido|apellidos|nachname|familienname|zuname|cognome",
    "sex": "sex|gender|m f|sexe|genre|sexo|genero|geschlecht|mw|m w|sesso|genere",
    "birthdate": "birthdate|birth date|date of birth|dob|birthday|born|date de naissance|naissance|ne e le|fecha de nacimiento|nacimiento|"
    "geburtsdatum|geb datum|geboren|data di nascita|nascita|nato il",
    "birth_year": "birth year|birthyear|year of birth|yob|year|annee de naissance|annee|ano de nacimiento|ano|geburtsjahr|jahrgang|jg|"
    "anno di nascita|anno",
    "category": "category|cat|age group|division|class|categorie|categoria|kategorie|altersklasse|ak|klasse",
    "country": "country|nation|nationality|nat|noc|country code|pays|nationalite|pais|nacionalidad|land|nationalitat|staat|paese|nazione|"
    "nazionalita",
    "club": "club|team|club team|equipe|association|equipo|verein|mannschaft|societa|squadra",
    "index": "index|utmb index|performance index|indice|indice utmb|cote itra|itra",
    "wave": "wave|start wave|corral|block|vague|sas|ola|cajon|startwelle|welle|startblock|onda|griglia",
    "status": "status|entry status|statut|estado|stato",
}


def bare(title: str) -> str:
    """A title as it is compared: letters and digits without accents, in words."""
    plain = "".join(char for char in unicodedata.normalize("NFKD", title) if not unicodedata.combining(char))
    return " ".join(re.findall(r"[^\W_]+", plain.casefold().replace("ß", "ss")))


def said_map(texts: Sequence[str], names: Sequence[str]) -> dict[str, str]:
    """What `--map bib=Startnr,time="Zeit"` says: ours → theirs. Fault when a name of ours is none."""
    found: dict[str, str] = {}
    for part in (part for text in texts for part in next(csv.reader([text], skipinitialspace=True), [])):
        ours, sep, theirs = part.partition("=")
        ours = ours.strip().casefold()
        if not sep or not theirs.strip():
            raise Fault(f'--map "{part}" says of no column what it is', "Write it as bib=Startnr,time=Zeit")
        if ours not in names:
            near = get_close_matches(ours, names, n=1)
            raise Fault(f'--map names "{ours}"', f'Write "{near[0]}"' if near else f"The columns of ours are {', '.join(names)}")
        found[ours] = theirs.strip().strip('"')
    return found


def columns_of(titles: Sequence[str], said: Mapping[str, str], names: Names) -> dict[str, int]:
    """Ours → the number of their column: what `said` says, and the rest as they are called. Fault when there is no such column."""
    plain = [bare(title) for title in titles]
    found: dict[str, int] = {}
    for ours, theirs in said.items():
        wanted = bare(theirs)
        if wanted not in plain:
            raise Fault(f'there is no column "{theirs}" (--map {ours}=…)', f"The columns are {', '.join(filter(None, titles))}")
        found[ours] = plain.index(wanted)
    for ours, called in names.items():
        if ours not in found:
            calls = [bare(ours), *called.split("|")]
            at = next((plain.index(call) for call in calls if call in plain and plain.index(call) not in found.values()), None)
            if at is not None:
                found[ours] = at
    return found


def in_words(columns: Mapping[str, int], titles: Sequence[str]) -> str:
    """Which is which, for whoever must see that it was guessed right."""
    return ", ".join(f'{ours} = "{titles[at]}"' for ours, at in columns.items())
