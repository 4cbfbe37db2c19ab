"""What the labels of an application's summary mean, in the words of every skin that was seen.

Whole labels only: an applicant's address is not the site's, and a decision level is no decision.
"""

import re

# Each field with its labels, folded; the first one that has a value counts.
TEXT_LABELS = {
    "site_address": (
        "location",
        "siteaddress",
        "locationaddress",
        "sitelocation",
        "locationofdevelopment",
        "address",
    ),
    "proposal": (
        "proposal",
        "proposeddevelopment",
        "developmentdescription",
        "descriptionofdevelopment",
        "proposaldescription",
        "descriptionofproposal",
        "description",
    ),
    "application_type": ("applicationtype", "typeofapplication"),
    "status": ("status", "applicationstatus", "currentstatus"),
    "decision": ("decision",),
    "applicant": ("applicant", "applicantsname", "applicantname", "nameofapplicant"),
    "agent": ("agent", "agentsname", "agentname", "nameofagent"),
    "case_officer": ("caseofficer", "officer", "planningofficer", "caseofficername", "officername"),
    "parish": ("parish", "parishes", "parishcouncil"),
    "ward": ("ward", "wards"),
}
DATE_LABELS = {
    "received_date": (
        "receiveddate",
        "datereceived",
        "applicationreceiveddate",
        "applicationreceived",
        "dateapplicationreceived",
        "received",
    ),
    "valid_date": (
        "validdate",
        "datevalid",
        "validateddate",
        "datevalidated",
        "applicationvaliddate",
        "applicationvalidateddate",
        "applicationvalidated",
        "datemadevalid",
        "validfrom",
        "validated",
        "valid",
    ),
    "target_decision_date": (
        "targetdecisiondate",
        "targetdate",
        "targetdeterminationdate",
        "determinationdeadline",
        "statutorytargetdate",
        "decisiontargetdate",
        "decisiondue",
        "decisionduedate",
    ),
    "decision_date": (
        "decisiondate",
        "decisionissueddate",
        "dateofdecision",
        "decisionmadedate",
        "issuedate",
        "decisionissued",
        "datedecisionissued",
        "decisionnoticedate",
    ),
}
REFERENCE_LABELS = {
    "applicationnumber",
    "applicationno",
    "applicationreference",
    "applicationref",
    "applicationreferencenumber",
    "planningapplicationnumber",
    "referencenumber",
    "referenceno",
    "reference",
}

_ENDS = r"(expir|end|clos|until|deadline|lastda|lastdate|finalda|due)"
# The day by which the council itself says that comments must be in.
_COMMENTS_END = re.compile(rf"comments?.*(by|before|{_ENDS})|(last|closing|final|deadline|end).*comments?")
# The days on which the ways of asking people end: the last of them is the last day.
_CONSULTATION_ENDS = re.compile(
    rf".*(consultation|sitenotice|advert|pressnotice|neighbour).*{_ENDS}.*|enddate|"
    rf".*{_ENDS}.*(consultation|sitenotice|advert).*"
)
_SPEAKS_OF_COMMENTS = re.compile("consult|comment")
_BEGINS = re.compile("start|begin|sent|from|reply|replies|committee|level|officer|name|count")


def is_known_label(label: str) -> bool:
    """Return whether a folded label is one that a field takes."""
    taken = (names for labels in (TEXT_LABELS, DATE_LABELS) for names in labels.values())
    return label in REFERENCE_LABELS or any(label in names for names in taken) or ends_consultation(label)


def ends_comments(label: str) -> bool:
    """Return whether a folded label says in so many words by when comments must be in."""
    return bool(_COMMENTS_END.search(label)) and not _BEGINS.search(label)


def ends_consultation(label: str) -> bool:
    """Return whether a folded label is the end of one of the ways in which people are asked."""
    return bool(_CONSULTATION_ENDS.fullmatch(label)) and not _BEGINS.search(label)


def may_hide_a_deadline(label: str) -> bool:
    """Return whether a folded label speaks of comments or consultation, and not of when that begins."""
    return bool(_SPEAKS_OF_COMMENTS.search(label)) and not _BEGINS.search(label)
