"""The words of the `sample` model's lab guides and plans in each language it can write, beside those of its lessons.

Only text; how a guide is put together from it stands in `sample_labs`. {topic} is what an activity is about; the other
slots are filled as in `sample_phrases`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from functions.text.languages import primary_language


@dataclass(frozen=True)
class LabPhrases:
    """One language. `troubles` are rows of a table: problem, cause, remedy."""

    of_lesson: str
    of_module: str
    objectives_heading: str
    objectives: tuple[str, ...]
    materials_heading: str
    hardware_heading: str
    hardware: tuple[str, ...]
    software_heading: str
    software: tuple[str, ...]
    duration_heading: str
    duration: str
    parts: tuple[str, ...]
    instructions_heading: str
    code_lead: str
    code_note: str
    steps: tuple[str, ...]
    expected: str
    results: tuple[str, ...]
    verification_heading: str
    verification_lead: str
    checks: tuple[str, ...]
    troubleshooting_heading: str
    troubleshooting_lead: str
    troubles_header: tuple[str, str, str]
    troubles: tuple[tuple[str, str, str], ...]
    cleanup_heading: str
    cleanup: tuple[str, ...]
    reflection_heading: str
    reflection: tuple[str, ...]


ENGLISH: Final = LabPhrases(
    of_lesson="This lab belongs to the lesson *{lesson}* of the module *{module}*, in the course *{course}*.",
    of_module="This lab belongs to the module *{module}* as a whole, in the course *{course}*.",
    objectives_heading="Objectives",
    objectives=(
        "Carry out from beginning to end: {topic}",
        "Check the result with {evidence}: {topic}",
        "Explain what {topic} depends on",
    ),
    materials_heading="Materials",
    hardware_heading="Hardware",
    hardware=("A computer with 8 GB of memory and 10 GB of free disk space", "A second screen, if there is one"),
    software_heading="Software",
    software=("A terminal with a POSIX shell", "Python 3.11 or later", "A text editor", "Git 2.40 or later"),
    duration_heading="Duration",
    duration="About {minutes} minutes in all:",
    parts=("Preparation", "Carrying it out", "Checking the result"),
    instructions_heading="Instructions",
    code_lead="Begin in a folder of your own, so that nothing else is touched:",
    code_note="What follows is numbered through all parts; do not begin a step before the one before it has succeeded.",
    steps=(
        "Open {artifact} and find the place that deals with {topic}.",
        "Write down what you expect of {topic} before you change anything.",
        "Change one single value and save the file under a new name.",
        "Run the command again and compare its output with that of the last run.",
        "Ask {role} which limit holds for {topic}, or assume one and note it.",
        "Note the time, the input and the output in {artifact}.",
        "Repeat the step with an input that must fail.",
        "Remove what the last step has made, and do it once more from memory.",
        "Look for {evidence} and write it down.",
        "Draw in five lines how {topic} fits together.",
        "Undo the last change and make sure that everything is as before.",
        "Exchange your notes with another person and follow theirs.",
    ),
    expected="Expected result:",
    results=(
        "the output shows the name of the file and no error.",
        "{artifact} has one more line, with a date.",
        "both outputs differ in exactly the value that was changed.",
        "{risk} becomes visible, and the message says where.",
        "the command ends with status 0.",
        "you can name {evidence} without looking it up.",
        "the state is the same as before this step.",
        "{quality} is kept, which a second run confirms.",
        "the message names the input that was refused.",
        "your notes are enough to repeat the step without this guide.",
    ),
    verification_heading="Verification",
    verification_lead="The lab has succeeded when every line can be ticked:",
    checks=(
        "The folder holds the files of every part, and no others.",
        "The last run ended without an error.",
        "{evidence} is written down, with its date.",
        "An input that must fail does fail, with a message that helps.",
        "Another person has repeated one step with your notes alone.",
    ),
    troubleshooting_heading="Troubleshooting",
    troubleshooting_lead="If a step does not end as expected, look here before you go on.",
    troubles_header=("Problem", "Cause", "Remedy"),
    troubles=(
        (
            "The command is not found",
            "The program is not installed, or not on the path",
            "Install it, open a new shell",
        ),
        ("Access is refused", "The folder belongs to somebody else", "Work in a folder of your own"),
        ("The output is empty", "The step before was skipped", "Go back to the last step whose result you saw"),
        ("The result differs at every run", "Files of an earlier try are left", "Clean up and begin again"),
        ("A value is refused", "It has the wrong unit or form", "Compare it with the example, character by character"),
    ),
    cleanup_heading="Clean-up",
    cleanup=(
        "Keep your notes outside of the lab's folder.",
        "Stop every program that you started for this lab.",
        "Delete the lab's folder and make sure that it is gone.",
    ),
    reflection_heading="Reflection",
    reflection=(
        "What did you expect of {topic} that did not happen?",
        "Which step would you leave out if you had half the time, and what would you lose?",
        "Where in your own work does {topic} appear?",
        "Which evidence would convince somebody who was not there?",
    ),
)

SPANISH: Final = LabPhrases(
    of_lesson="Este laboratorio pertenece a la lección *{lesson}* del módulo *{module}*, en el curso *{course}*.",
    of_module="Este laboratorio pertenece al módulo *{module}* en su conjunto, en el curso *{course}*.",
    objectives_heading="Objetivos",
    objectives=(
        "Realizar de principio a fin: {topic}",
        "Comprobar el resultado con {evidence}: {topic}",
        "Explicar de qué depende este tema: {topic}",
    ),
    materials_heading="Materiales",
    hardware_heading="Hardware",
    hardware=("Un ordenador con 8 GB de memoria y 10 GB de disco libres", "Una segunda pantalla, si la hay"),
    software_heading="Software",
    software=(
        "Un terminal con un intérprete POSIX",
        "Python 3.11 o posterior",
        "Un editor de texto",
        "Git 2.40 o posterior",
    ),
    duration_heading="Duración",
    duration="Unos {minutes} minutos en total:",
    parts=("Preparación", "Realización", "Comprobación del resultado"),
    instructions_heading="Instrucciones",
    code_lead="Empiece en una carpeta propia, para no tocar nada más:",
    code_note="Los pasos se numeran de principio a fin; no empiece uno antes de que el anterior haya salido bien.",
    steps=(
        "Abra {artifact} y busque el lugar que trata este tema: {topic}.",
        "Escriba qué espera de este tema, {topic}, antes de cambiar nada.",
        "Cambie un solo valor y guarde el archivo con otro nombre.",
        "Ejecute de nuevo la orden y compare su salida con la de la vez anterior.",
        "Averigüe qué límite vale para este tema, {topic}, o suponga uno y anótelo.",
        "Anote la hora, la entrada y la salida en {artifact}.",
        "Repita el paso con una entrada que deba fallar.",
        "Elimine lo que creó el último paso y hágalo otra vez de memoria.",
        "Busque {evidence} y tome nota.",
        "Dibuje en cinco líneas cómo encaja este tema: {topic}.",
        "Deshaga el último cambio y asegúrese de que todo está como antes.",
        "Intercambie sus notas con otra persona y siga las suyas.",
    ),
    expected="Resultado esperado:",
    results=(
        "la salida muestra el nombre del archivo y ningún error.",
        "aparece en {artifact} una línea más, con fecha.",
        "ambas salidas difieren exactamente en el valor cambiado.",
        "se hace visible {risk}, y el mensaje dice dónde.",
        "la orden termina con el estado 0.",
        "puede nombrar {evidence} sin consultar nada.",
        "el estado es el mismo que antes de este paso.",
        "se conserva {quality}, y una segunda ejecución lo confirma.",
        "el mensaje nombra la entrada rechazada.",
        "sus notas bastan para repetir el paso sin esta guía.",
    ),
    verification_heading="Verificación",
    verification_lead="El laboratorio ha salido bien cuando se puede marcar cada línea:",
    checks=(
        "La carpeta contiene los archivos de cada parte y ningún otro.",
        "La última ejecución terminó sin errores.",
        "Consta por escrito {evidence}, con su fecha.",
        "Una entrada que debe fallar falla, con un mensaje que ayuda.",
        "Otra persona ha repetido un paso solo con sus notas.",
    ),
    troubleshooting_heading="Solución de problemas",
    troubleshooting_lead="Si un paso no termina como se espera, mire aquí antes de seguir.",
    troubles_header=("Problema", "Causa", "Solución"),
    troubles=(
        (
            "No se encuentra la orden",
            "El programa no está instalado o no está en la ruta",
            "Instálelo y abra otro terminal",
        ),
        ("Se deniega el acceso", "La carpeta pertenece a otra persona", "Trabaje en una carpeta propia"),
        ("La salida está vacía", "Se saltó el paso anterior", "Vuelva al último paso cuyo resultado vio"),
        ("El resultado cambia cada vez", "Quedan archivos de un intento anterior", "Limpie y empiece de nuevo"),
        ("Se rechaza un valor", "Su unidad o su forma no es la debida", "Compárelo con el ejemplo, letra por letra"),
    ),
    cleanup_heading="Limpieza",
    cleanup=(
        "Guarde sus notas fuera de la carpeta del laboratorio.",
        "Detenga todos los programas que inició para este laboratorio.",
        "Borre la carpeta del laboratorio y compruebe que ya no está.",
    ),
    reflection_heading="Reflexión",
    reflection=(
        "¿Qué esperaba de este tema, {topic}, que no ocurrió?",
        "¿Qué paso dejaría fuera si tuviera la mitad del tiempo, y qué perdería?",
        "¿Dónde aparece en su propio trabajo este tema: {topic}?",
        "¿Qué evidencia convencería a quien no estuvo presente?",
    ),
)


def lab_phrases_for(language: str) -> LabPhrases:
    """The phrases for an outline's language: Spanish for "es", "es-MX", "Español"..., English for all others."""
    return SPANISH if primary_language(language) == "es" else ENGLISH
