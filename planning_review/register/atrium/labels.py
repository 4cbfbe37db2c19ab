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
        "developmentaddress",
        "developmentlocation",
        "addressofsite",
        "addressofproposal",
        "addressofdevelopment",
        "applicationaddress",
        "site",
    ),
    "proposal": (
        "proposal",
        "proposeddevelopment",
        "developmentdescription",
        "descriptionofdevelopment",
        "proposaldescription",
        "descriptionofproposal",
        "description",
        "proposaldetails",
        "detailsofproposal",
        "applicationdescription",
        "natureofdevelopment",
        "development",
    ),
    "application_type": ("applicationtype", "typeofapplication", "casetype"),
    "status": ("status", "applicationstatus", "currentstatus", "casestatus", "applicationstage"),
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
        "receivedon",
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
        "dateapplicationvalid",
        "dateapplicationvalidated",
        "validationdate",
        "dateofvalidation",
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
        "statutoryexpirydate",
        "statutorydate",
        "statutorydeterminationdate",
        "statutorydeterminationdeadline",
        "statutorydeadline",
        "targetdatefordecision",
        "targetdeterminationdeadline",
        "determinationtargetdate",
        "determinationdue",
        "determinationduedate",
        "eightweekdate",
        "thirteenweekdate",
        "8weekdate",
        "13weekdate",
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
        "dateofdecisionnotice",
        "dateofissue",
        "datedecisionmade",
        "decisiondespatchdate",
        "decisionsentdate",
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
    "refno",
    "ref",
    "refnumber",
    "applicationrefno",
    "caseno",
    "casenumber",
    "casereference",
    "planningreference",
    "planningapplicationreference",
    "planningapplicationno",
}

_ENDS = r"(expir|(?<!am)end|clos|until|deadline|lastda|lastdate|finalda|due)"
# What people send in, whatever it is called.
_SAID = r"(comment|representation|observation|objection|haveyoursay)s?"
# The day by which the council itself says that they must be in.
_COMMENTS_END = re.compile(rf"{_SAID}.*(by|before|{_ENDS})|(last|final|{_ENDS}).*{_SAID}")
# The days on which the ways of asking people end: the last of them is the last day.
_CONSULTATION_ENDS = re.compile(
    rf".*(consultation|sitenotice|advert|pressnotice|neighbour).*{_ENDS}.*|enddate|"
    rf".*{_ENDS}.*(consultation|sitenotice|advert).*"
)
_SPEAKS_OF_COMMENTS = re.compile(f"consult|participation|{_SAID}")
_BEGINS = re.compile("start|begin|(?<!repre)sent|from|reply|replies|committee|level|officer|name|count")


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
