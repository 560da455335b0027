"""Figures that authorities report about their requests.

`facts` says what is counted of one request, read from the docket of its case; it names
no case, person or file, so it may outlive them. `figures` lists the figures and what
each asks of the facts; `report` counts them for a period and by what is asked.
"""
