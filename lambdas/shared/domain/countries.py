"""English country names and other spellings in use, for the two-letter codes that partners take.

Names as in the public-domain tz database, with common variants. One line: code, then names.
"""

from __future__ import annotations

import unicodedata
from functools import cache

_NAMES = """
AD Andorra
AE United Arab Emirates | UAE
AF Afghanistan
AG Antigua & Barbuda | Antigua and Barbuda
AI Anguilla
AL Albania
AM Armenia
AN Netherlands Antilles
AO Angola
AQ Antarctica
AR Argentina
AS American Samoa | Samoa (American)
AT Austria | Österreich
AU Australia
AW Aruba
AX Åland Islands | Aland Islands
AZ Azerbaijan
BA Bosnia & Herzegovina | Bosnia and Herzegovina
BB Barbados
BD Bangladesh
BE Belgium
BF Burkina Faso
BG Bulgaria
BH Bahrain
BI Burundi
BJ Benin
BL Saint Barthélemy | St Barthelemy | Saint Barthelemy
BM Bermuda
BN Brunei | Brunei Darussalam
BO Bolivia | Bolivia, Plurinational State of
BQ Caribbean Netherlands | Caribbean NL | Bonaire, Sint Eustatius and Saba
BR Brazil | Brasil
BS Bahamas | The Bahamas
BT Bhutan
BV Bouvet Island
BW Botswana
BY Belarus
BZ Belize
CA Canada
CC Cocos (Keeling) Islands
CD Democratic Republic of the Congo | Congo (Dem. Rep.) | DR Congo | Congo, Democratic Republic of the
CF Central African Rep.
CG Republic of the Congo | Congo | Congo (Rep.)
CH Switzerland | Schweiz | Suisse
CI Côte d'Ivoire | Ivory Coast | Cote d'Ivoire
CK Cook Islands
CL Chile
CM Cameroon
CN China | People's Republic of China
CO Colombia
CR Costa Rica
CU Cuba
CV Cape Verde | Cabo Verde
CW Curaçao | Curacao
CX Christmas Island
CY Cyprus
CZ Czechia | Czech Republic
DE Germany | Deutschland
DJ Djibouti
DK Denmark
DM Dominica
DO Dominican Republic
DZ Algeria
EC Ecuador
EE Estonia
EG Egypt
EH Western Sahara
ER Eritrea
ES Spain | España
ET Ethiopia
FI Finland
FJ Fiji
FK Falkland Islands
FM Micronesia | Federated States of Micronesia
FO Faroe Islands
FR France
GA Gabon
GB United Kingdom | UK | Great Britain | Britain | England | Scotland | Wales | Northern Ireland
GD Grenada
GE Georgia
GF French Guiana
GG Guernsey
GH Ghana
GI Gibraltar
GL Greenland
GM Gambia | The Gambia
GN Guinea
GP Guadeloupe
GQ Equatorial Guinea
GR Greece
GS South Georgia & the South Sandwich Islands | South Georgia and the South Sandwich Islands
GT Guatemala
GU Guam
GW Guinea-Bissau
GY Guyana
HK Hong Kong | Hong Kong SAR
HM Heard Island & McDonald Islands | Heard Island and McDonald Islands
HN Honduras
HR Croatia
HT Haiti
HU Hungary
ID Indonesia
IE Ireland | Republic of Ireland
IL Israel
IM Isle of Man
IN India
IO British Indian Ocean Territory
IQ Iraq
IR Iran | Iran, Islamic Republic of
IS Iceland
IT Italy
JE Jersey
JM Jamaica
JO Jordan
JP Japan
KE Kenya
KG Kyrgyzstan
KH Cambodia
KI Kiribati
KM Comoros
KN St Kitts & Nevis | St Kitts and Nevis | Saint Kitts and Nevis
KR South Korea | Korea | Republic of Korea | Korea, Republic of
KW Kuwait
KY Cayman Islands
KZ Kazakhstan
LA Laos | Lao People's Democratic Republic
LB Lebanon
LC St Lucia | Saint Lucia
LI Liechtenstein
LK Sri Lanka
LR Liberia
LS Lesotho
LT Lithuania
LU Luxembourg
LV Latvia
LY Libya
MA Morocco
MC Monaco
MD Moldova | Moldova, Republic of
ME Montenegro
MF Saint Martin | St Martin (French) | Saint Martin (French)
MG Madagascar
MH Marshall Islands
MK North Macedonia | Macedonia
ML Mali
MM Myanmar | Burma
MN Mongolia
MO Macau | Macao
MP Northern Mariana Islands
MQ Martinique
MR Mauritania
MS Montserrat
MT Malta
MU Mauritius
MV Maldives
MW Malawi
MX Mexico
MY Malaysia
MZ Mozambique
NA Namibia
NC New Caledonia
NE Niger
NF Norfolk Island
NG Nigeria
NI Nicaragua
NL Netherlands | The Netherlands | Holland
NO Norway
NP Nepal
NR Nauru
NU Niue
NZ New Zealand
OM Oman
PA Panama
PE Peru
PF French Polynesia
PG Papua New Guinea
PH Philippines
PK Pakistan
PL Poland
PM St Pierre & Miquelon | St Pierre and Miquelon | Saint Pierre and Miquelon
PN Pitcairn
PR Puerto Rico
PS Palestine | State of Palestine | Palestinian Territories
PT Portugal
PW Palau
PY Paraguay
QA Qatar
RE Réunion | Reunion
RO Romania
RS Serbia
RU Russia | Russian Federation
RW Rwanda
SA Saudi Arabia
SB Solomon Islands
SC Seychelles
SD Sudan
SE Sweden
SG Singapore
SH St Helena | Saint Helena
SI Slovenia
SJ Svalbard & Jan Mayen | Svalbard and Jan Mayen
SK Slovakia
SL Sierra Leone
SM San Marino
SN Senegal
SO Somalia
SR Suriname
SS South Sudan
ST Sao Tome & Principe | Sao Tome and Principe
SV El Salvador
SX Sint Maarten | St Maarten (Dutch) | Saint Maarten (Dutch)
SY Syria | Syrian Arab Republic
SZ Eswatini | Swaziland
TC Turks & Caicos Is | Turks and Caicos Is
TD Chad
TF French S. Terr.
TG Togo
TH Thailand
TJ Tajikistan
TK Tokelau
TL East Timor | Timor-Leste
TM Turkmenistan
TN Tunisia
TO Tonga
TR Turkey | Türkiye | Turkiye
TT Trinidad & Tobago | Trinidad and Tobago
TV Tuvalu
TW Taiwan | Taiwan, Province of China
TZ Tanzania | Tanzania, United Republic of
UA Ukraine
UG Uganda
UM US minor outlying islands
US United States | USA | United States of America | America | U.S. | U.S.A.
UY Uruguay
UZ Uzbekistan
VA Vatican City | Holy See
VC St Vincent | Saint Vincent
VE Venezuela | Venezuela, Bolivarian Republic of
VG British Virgin Islands | Virgin Islands (UK)
VI US Virgin Islands | Virgin Islands (US) | U.S. Virgin Islands
VN Vietnam | Viet Nam
VU Vanuatu
WF Wallis & Futuna | Wallis and Futuna
WS Samoa | Samoa (western)
YE Yemen
YT Mayotte
ZA South Africa
ZM Zambia
ZW Zimbabwe
"""


def country_code(text: str) -> str | None:
    """The two-letter code of a country given by its code or name, in any case; None if nobody knows it."""
    return _codes().get(folded(text))


@cache
def _codes() -> dict[str, str]:
    codes: dict[str, str] = {}
    for line in _NAMES.strip().splitlines():
        code, names = line.split(" ", 1)
        codes[folded(code)] = code
        codes.update({folded(name): code for name in names.split(" | ")})
    return codes


def country_name(code: str) -> str | None:
    """The usual English name of a code, or None if there is none such."""
    return next((line[3:].split(" | ")[0] for line in _NAMES.strip().splitlines() if line.startswith(f"{code} ")), None)


def folded(text: str) -> str:
    """A name without what nobody minds: case, accents, full stops, commas, more than one space."""
    bare = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return " ".join(bare.replace(".", " ").replace(",", " ").replace("’", "'").split()).casefold()
