"""The words of the `sample` model in each language it can write: sentence templates and the values for their slots.

Only text; how a lesson is put together from it stands in `sample`. Slots: {topic} is what a paragraph is about, the
others are filled from the field of the same name. Values carry their own article, so that no template needs agreement.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from functions.text.languages import primary_language


@dataclass(frozen=True)
class Phrases:
    """One language. Templates with {topic} open a paragraph; `sentences` follow in it and speak of "it"."""

    notice: str
    introduction: tuple[str, ...]
    for_whom: str
    you_need: str
    objectives_heading: str
    objectives: tuple[str, ...]
    facets: tuple[str, ...]
    openings: tuple[str, ...]
    sentences: tuple[str, ...]
    list_leads: tuple[str, ...]
    list_items: tuple[str, ...]
    subheadings: tuple[str, ...]
    role: tuple[str, ...]
    artifact: tuple[str, ...]
    quality: tuple[str, ...]
    risk: tuple[str, ...]
    moment: tuple[str, ...]
    evidence: tuple[str, ...]
    visuals: tuple[str, ...]
    table_lead: str
    table_heading: str
    table_header: tuple[str, ...]
    code_heading: str
    code_leads: tuple[str, ...]
    code_after: str
    steps_heading: str
    steps: tuple[str, ...]
    mistakes_heading: str
    mistakes: tuple[str, ...]
    summary_heading: str
    summary: tuple[str, ...]
    questions_heading: str
    questions: tuple[str, ...]
    joining: str


ENGLISH: Final = Phrases(
    notice="Sample text: written by the built-in sample model from the course outline, to try out the platform. "
    "It is no teaching material.",
    introduction=(
        "This lesson belongs to the module *{module}* of the course *{course}* and deals with *{lesson}*.",
        "Within the module *{module}*, this lesson takes up *{lesson}* and ties it to the whole of *{course}*.",
        "*{lesson}* is one piece of the module *{module}*; the course *{course}* comes back to it several times.",
    ),
    for_whom="It is written with these readers in mind: {audience}.",
    you_need="It takes for granted: {prerequisites}.",
    objectives_heading="Objectives",
    objectives=(
        "Name the main elements of {topic}",
        "Explain in your own words {topic}",
        "Apply to a case of your own {topic}",
        "Break down into its parts and compare {topic}",
        "Judge with stated criteria {topic}",
        "Design a proposal based on {topic}",
    ),
    facets=("Basic ideas", "How it works", "Applying it step by step", "Limits and risks"),
    openings=(
        "The starting point of {topic} is to agree on what is to be achieved and on how it will be noticed.",
        "When people speak of {topic}, they often mix up the purpose with the means; it helps to keep them apart.",
        "A good way into {topic} is to look at a small case before setting any general rule.",
        "Much of the difficulty of {topic} lies in the details that nobody writes down.",
        "In {topic}, the order of the decisions matters as much as the decisions themselves.",
        "Whoever meets {topic} for the first time tends to underestimate the preparation.",
        "Experience with {topic} shows that a modest, well documented solution outlives a brilliant one.",
        "There are two ways to look at {topic}: from the outside, by its results, and from within, by its parts.",
        "Before going deeper into {topic}, it is worth listing what is already known and what is only assumed.",
        "The usual mistake with {topic} is to begin with the tool and to look for the problem afterwards.",
        "What makes {topic} valuable is not its novelty but that it can be repeated.",
        "To work on {topic} calmly, one needs a place where a mistake costs little.",
        "Three questions frame {topic}: what goes in, what comes out and who answers for it.",
        "Seen over a whole year, {topic} costs more in upkeep than in its first version.",
    ),
    sentences=(
        "{role} usually begins with {artifact}, because it shows early where the work will get stuck.",
        "If {quality} is missing, {risk} appears sooner or later, and it appears {moment}.",
        "It is best to write down {artifact} {moment} and not to trust memory.",
        "The clearest sign of progress is {evidence}, rather than the hours spent.",
        "None of this removes {risk}, but it makes it visible while it is still cheap to mend.",
        "A short example is enough: one case, one expected result and one person who checks it.",
        "{quality} is not added at the end; it is decided {moment}.",
        "In a small team, the same person keeps {artifact} and reviews it once a week.",
        "In a large organisation, {role} agrees with the others on who may change {artifact}.",
        "When two criteria clash, the one that protects {quality} takes precedence.",
        "It is tempting to skip this step; whoever does so pays with {risk}.",
        "The result is compared with {evidence}, and the difference is explained in one paragraph.",
        "A change is accepted only if {evidence} supports it.",
        "What cannot be measured can at least be described with {artifact}.",
        "This is why {role} asks for {evidence} before going on.",
        "The same idea holds on another scale: only the cost of being wrong changes.",
        "An exception is allowed once; the second time it becomes a rule and is written into {artifact}.",
        "Anyone who arrives later should understand from {artifact} what was decided and why.",
        "The review takes place {moment}, with a fixed length and a single question.",
        "If doubts remain, the smallest version is tried first and {evidence} is collected.",
        "{risk} is easier to prevent than to explain afterwards.",
        "It is useful to draw what happens, with arrows, before discussing what should happen.",
        "A bad sign is that nobody can say in one sentence what {artifact} is for.",
        "For this reason the steps are kept short and each ends with something that can be shown.",
        "{role} does not need to know every detail, but does need to know where to look.",
        "Part of the work consists in saying no: what is left out is noted down too.",
        "Between two equal options, choose the one that is easier to undo.",
        "With {quality} assured, speed comes almost by itself.",
        "The cost is not spread evenly: most of it falls {moment}.",
        "A limit is set beforehand, and when it is reached the work stops and {artifact} is reviewed.",
        "Automating comes after understanding: first by hand, then with help, at last unattended.",
        "What worked in the pilot is checked again {moment}, since the conditions have changed.",
        "Names matter: two things with the same name end up as {risk}.",
        "The discussion becomes shorter when everyone looks at the same thing: {evidence}.",
        "Keep what was tried and did not work as well; it saves repeating it.",
        "Of all the parts, the interface between two teams deserves the most attention.",
        "{quality} and simplicity rarely conflict; when they do, say so openly.",
        "Someone outside the team reads {artifact} and notes where they got lost.",
        "The first version answers one need only; the second is decided with {evidence}.",
        "A fault found {moment} is worth ten found by a user.",
    ),
    list_leads=(
        "In practice, it comes down to a few points:",
        "These points help to keep the thread:",
        "Before going on, check the following:",
        "A minimal version contains:",
    ),
    list_items=(
        "**Purpose:** one sentence that {role} would sign.",
        "**Scope:** what is in, what is out and until when.",
        "**Owner:** a person, never a department.",
        "**Evidence:** {evidence}.",
        "**Main risk:** {risk}.",
        "**Criterion:** {quality}, measured always in the same way.",
        "**Record:** {artifact}, with a date.",
        "**Moment:** the review takes place {moment}.",
        "**Way back:** how to undo the change in under ten minutes.",
        "**Limit:** the figure from which the work stops.",
    ),
    subheadings=(
        "In practice",
        "What to watch",
        "A worked case",
        "How to check it",
        "Common variations",
        "Costs and benefits",
        "Who takes part",
        "Connections with other topics",
    ),
    role=(
        "whoever leads the work",
        "the operations team",
        "the person in charge",
        "an experienced analyst",
        "the review group",
        "the design team",
    ),
    artifact=(
        "the checklist",
        "the decision log",
        "the operating guide",
        "the component diagram",
        "the list of assumptions",
        "the test plan",
        "the glossary",
    ),
    quality=(
        "clarity",
        "traceability",
        "consistency",
        "reliability",
        "safety",
        "the possibility of reversing a change",
    ),
    risk=(
        "duplicated work",
        "a decision without an owner",
        "the loss of context",
        "an unnoticed exception",
        "a hidden dependency",
        "a late surprise",
    ),
    moment=(
        "at the start",
        "before each delivery",
        "after every change",
        "at the end of the week",
        "in the first meeting",
        "when the team grows",
    ),
    evidence=(
        "a result that can be repeated",
        "a figure compared with last month's",
        "a test that used to fail and now passes",
        "an observation written down by two people",
        "a complete example from end to end",
    ),
    visuals=(
        "Flow diagram of {topic}",
        "Concept map of {topic}",
        "Comparison of two ways to approach {topic}",
        "Cycle of continuous improvement in {topic}",
        "Layers that take part in {topic}",
        "Timeline of the main decisions in {topic}",
    ),
    table_lead="The table sums up what to look at in each topic.",
    table_heading="Summary table",
    table_header=("Topic", "What to ensure", "Evidence", "Risk if it is missing"),
    code_heading="Example",
    code_leads=(
        "The following fragment shows the idea in a compact form; it is an illustration, not a product.",
        "A few lines suffice to fix the idea; read them before the explanation that follows.",
    ),
    code_after="Note that every entry has an owner and a limit: without them, {risk} would go unnoticed.",
    steps_heading="Step by step",
    steps=(
        "Choose a small case connected with {topic}.",
        "Write down {artifact} and agree on it with {role}.",
        "Carry out the first version without automating anything.",
        "Collect {evidence}.",
        "Compare the result with the objectives of the lesson.",
        "Note what was left out and why.",
        "Repeat with a second case, changing one single condition.",
    ),
    mistakes_heading="Common mistakes",
    mistakes=(
        "Starting with {topic} without having defined how success will be noticed.",
        "Confusing {quality} with the absence of complaints.",
        "Leaving {artifact} for the end.",
        "Accepting {risk} as something inevitable.",
        "Measuring the effort instead of {evidence}.",
    ),
    summary_heading="Summary",
    summary=(
        "The lesson went through {topics}.",
        "The common thread was to decide with evidence and to leave a record of what was decided.",
        "The next step is to apply it to a case of one's own and to compare the result with that of a colleague.",
    ),
    questions_heading="Review questions",
    questions=(
        "What would change in your work if {topic} were missing?",
        "Which evidence would convince you that {topic} is going well?",
        "How would you explain {topic} to somebody who arrives tomorrow?",
        "Which part of {topic} would you leave out of a first version, and why?",
    ),
    joining="and",
)

SPANISH: Final = Phrases(
    notice="Texto de muestra: escrito por el modelo de muestra integrado a partir del esquema del curso, para probar "
    "la plataforma. No es material didáctico.",
    introduction=(
        "Esta lección pertenece al módulo *{module}* del curso *{course}* y trata de *{lesson}*.",
        "Dentro del módulo *{module}*, esta lección aborda *{lesson}* y lo enlaza con el resto del curso *{course}*.",
        "*{lesson}* es una de las piezas del módulo *{module}*; el curso *{course}* volverá sobre ella varias veces.",
    ),
    for_whom="Está pensada para estos lectores: {audience}.",
    you_need="Da por sabido lo siguiente: {prerequisites}.",
    objectives_heading="Objetivos",
    objectives=(
        "Nombrar los elementos principales de este tema: {topic}",
        "Explicar con palabras propias este tema: {topic}",
        "Aplicar a un caso propio este tema: {topic}",
        "Descomponer en sus partes y comparar este tema: {topic}",
        "Valorar con criterios explícitos este tema: {topic}",
        "Diseñar una propuesta a partir de este tema: {topic}",
    ),
    facets=("Ideas fundamentales", "Cómo funciona", "Aplicación paso a paso", "Límites y riesgos"),
    openings=(
        "En {topic}, el punto de partida es acordar qué se quiere lograr y cómo se notará.",
        "Cuando se habla de {topic}, a menudo se confunde el propósito con los medios; conviene separarlos.",
        "Una buena manera de entrar en {topic} es mirar un caso pequeño antes de fijar ninguna regla general.",
        "Buena parte de la dificultad de {topic} está en los detalles que nadie escribe.",
        "En {topic}, el orden de las decisiones importa tanto como las decisiones mismas.",
        "Quien se acerca por primera vez a {topic} suele subestimar la preparación.",
        "La experiencia con {topic} enseña que una solución modesta y bien documentada dura más que una brillante.",
        "Hay dos formas de mirar {topic}: desde fuera, por sus resultados, y desde dentro, por sus partes.",
        "Antes de profundizar en {topic}, vale la pena separar lo que ya se sabe de lo que solo se supone.",
        "El error habitual con {topic} es empezar por la herramienta y buscar después el problema.",
        "Lo que da valor a {topic} no es su novedad, sino que se puede repetir.",
        "Para trabajar {topic} con calma hace falta un lugar donde equivocarse cueste poco.",
        "Tres preguntas enmarcan {topic}: qué entra, qué sale y quién responde de ello.",
        "¿Por dónde empezar con {topic}? Casi siempre, por lo que se puede comprobar hoy mismo.",
    ),
    sentences=(
        "{role} suele comenzar por {artifact}, porque muestra pronto dónde se atascará el trabajo.",
        "Si falta {quality}, tarde o temprano aparece {risk}, y lo hace {moment}.",
        "Conviene dejar por escrito {artifact} {moment} y no confiar en la memoria.",
        "La señal más clara de avance es {evidence}, más que las horas dedicadas.",
        "Nada de esto elimina {risk}, pero lo hace visible cuando todavía es barato corregir.",
        "Basta un ejemplo breve: un caso, un resultado esperado y una persona que lo comprueba.",
        "Al final ya no se añade {quality}: se decide {moment}.",
        "En un equipo pequeño, la misma persona mantiene {artifact} y lo revisa todo una vez por semana.",
        "En una organización grande, {role} acuerda con los demás quién puede cambiar {artifact}.",
        "Cuando dos criterios chocan, tiene preferencia el que protege {quality}.",
        "Es tentador saltarse este paso; quien lo hace lo paga con {risk}.",
        "El resultado se compara con {evidence}, y la diferencia se explica en un párrafo.",
        "Un cambio se acepta únicamente si lo respalda {evidence}.",
        "Lo que no se puede medir se puede al menos describir con {artifact}.",
        "Por eso {role} pide {evidence} antes de continuar.",
        "La misma idea vale a otra escala: solo cambia el coste de equivocarse.",
        "Una excepción se permite una vez; la segunda se convierte en regla y entra en {artifact}.",
        "Quien llegue más tarde debería entender con {artifact} qué se decidió y por qué.",
        "La revisión se hace {moment}, con una duración fija y una sola pregunta.",
        "Si quedan dudas, se prueba primero la versión más pequeña y se recoge {evidence}.",
        "Es más fácil prevenir {risk} que explicarlo después.",
        "Resulta útil dibujar lo que ocurre, con flechas, antes de discutir lo que debería ocurrir.",
        "Mala señal es que nadie sepa decir en una frase para qué sirve {artifact}.",
        "Por esta razón los pasos son cortos y cada uno termina en algo que se puede enseñar.",
        "A veces {role} no conoce todos los detalles, pero sí dónde buscarlos.",
        "Parte del trabajo consiste en decir que no: lo que queda fuera también se anota.",
        "Entre dos opciones iguales, elija la que sea más fácil de deshacer.",
        "Con {quality} por delante, la rapidez llega casi sola.",
        "El coste no se reparte por igual: la mayor parte recae {moment}.",
        "Se fija un límite de antemano y, al alcanzarlo, el trabajo se detiene y se revisa {artifact}.",
        "Automatizar viene después de entender: primero a mano, luego con ayuda y al final sin vigilancia.",
        "Lo que funcionó en el piloto se comprueba de nuevo {moment}, pues las condiciones han cambiado.",
        "Los nombres importan: dos cosas con el mismo nombre acaban siendo {risk}.",
        "La discusión se acorta cuando todos miran lo mismo: {evidence}.",
        "Guarde también lo que se intentó y no funcionó; evita repetirlo.",
        "De todas las partes, la frontera entre dos equipos es la que merece más atención.",
        "Pocas veces compiten {quality} y la sencillez; cuando ocurre, dígase abiertamente.",
        "Alguien ajeno al equipo lee {artifact} y señala dónde se perdió.",
        "La primera versión responde a una sola necesidad; la segunda se decide con {evidence}.",
        "Un fallo encontrado {moment} vale por diez encontrados por un usuario.",
    ),
    list_leads=(
        "En la práctica, se resume en unos pocos puntos:",
        "Estos puntos ayudan a no perder el hilo:",
        "Antes de seguir, compruebe lo siguiente:",
        "Una versión mínima contiene:",
    ),
    list_items=(
        "**Propósito:** una frase que {role} firmaría.",
        "**Alcance:** qué entra, qué no entra y hasta cuándo.",
        "**Responsable:** una persona, nunca un departamento.",
        "**Evidencia:** {evidence}.",
        "**Riesgo principal:** {risk}.",
        "**Criterio:** {quality}, siempre con la misma medida.",
        "**Registro:** {artifact}, con fecha.",
        "**Momento:** la revisión se hace {moment}.",
        "**Vuelta atrás:** cómo deshacer el cambio en menos de diez minutos.",
        "**Límite:** la cifra a partir de la cual el trabajo se detiene.",
    ),
    subheadings=(
        "En la práctica",
        "Qué vigilar",
        "Un caso resuelto",
        "Cómo comprobarlo",
        "Variantes habituales",
        "Costes y beneficios",
        "Quién participa",
        "Relación con otros temas",
    ),
    role=(
        "quien dirige el trabajo",
        "el equipo de operación",
        "la persona responsable",
        "una analista con experiencia",
        "el grupo de revisión",
        "el equipo de diseño",
    ),
    artifact=(
        "la lista de comprobación",
        "el registro de decisiones",
        "la guía de operación",
        "el diagrama de componentes",
        "la lista de supuestos",
        "el plan de pruebas",
        "el glosario",
    ),
    quality=(
        "la claridad",
        "la trazabilidad",
        "la coherencia",
        "la fiabilidad",
        "la seguridad",
        "la posibilidad de revertir un cambio",
    ),
    risk=(
        "el trabajo duplicado",
        "una decisión sin responsable",
        "la pérdida de contexto",
        "una excepción inadvertida",
        "una dependencia oculta",
        "una sorpresa tardía",
    ),
    moment=(
        "al principio",
        "antes de cada entrega",
        "después de cada cambio",
        "al final de la semana",
        "en la primera reunión",
        "cuando el equipo crece",
    ),
    evidence=(
        "un resultado que se puede repetir",
        "una cifra comparada con la del mes anterior",
        "una prueba que antes fallaba y ahora pasa",
        "una observación anotada por dos personas",
        "un ejemplo completo de principio a fin",
    ),
    visuals=(
        "Diagrama de flujo: {topic}",
        "Mapa conceptual: {topic}",
        "Comparación de dos enfoques: {topic}",
        "Ciclo de mejora continua: {topic}",
        "Capas que intervienen: {topic}",
        "Línea de tiempo de las decisiones: {topic}",
    ),
    table_lead="La tabla resume qué mirar en cada tema.",
    table_heading="Tabla de síntesis",
    table_header=("Tema", "Qué asegurar", "Evidencia", "Riesgo si falta"),
    code_heading="Ejemplo",
    code_leads=(
        "El siguiente fragmento muestra la idea en forma compacta; es una ilustración, no un producto.",
        "Unas pocas líneas bastan para fijar la idea; léalas antes de la explicación que sigue.",
    ),
    code_after="Nótese que cada entrada tiene responsable y límite: sin ellos, nadie advertiría {risk}.",
    steps_heading="Paso a paso",
    steps=(
        "Elija un caso pequeño relacionado con este tema: {topic}.",
        "Escriba {artifact} y acuérdelo con más personas del equipo.",
        "Realice la primera versión sin automatizar nada.",
        "Recoja {evidence}.",
        "Compare el resultado con los objetivos de la lección.",
        "Anote qué quedó fuera y por qué.",
        "Repita con un segundo caso, cambiando una sola condición.",
    ),
    mistakes_heading="Errores frecuentes",
    mistakes=(
        "Empezar por {topic} sin haber definido cómo se notará el éxito.",
        "Confundir {quality} con la ausencia de quejas.",
        "Dejar {artifact} para el final.",
        "Aceptar {risk} como algo inevitable.",
        "Medir el esfuerzo en lugar de buscar {evidence}.",
    ),
    summary_heading="Resumen",
    summary=(
        "La lección ha recorrido estos temas: {topics}.",
        "El hilo común ha sido decidir con evidencia y dejar constancia de lo decidido.",
        "El siguiente paso es aplicarlo a un caso propio y contrastar el resultado con el de otra persona.",
    ),
    questions_heading="Preguntas de repaso",
    questions=(
        "¿Qué cambiaría en su trabajo si faltara este tema: {topic}?",
        "¿Qué evidencia le convencería de que este tema va bien: {topic}?",
        "¿Cómo explicaría {topic} a alguien que llega mañana?",
        "¿Qué parte de {topic} dejaría fuera de una primera versión, y por qué?",
    ),
    joining="y",
)


def phrases_for(language: str) -> Phrases:
    """The phrases for an outline's language: Spanish for "es", "es-MX", "Español"..., English for all others."""
    return SPANISH if primary_language(language) == "es" else ENGLISH
