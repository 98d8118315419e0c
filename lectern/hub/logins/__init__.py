"""Ways to log in that are not ours: services, directories and learning platforms.

::

    ways        settings → which classes, with which options
    dispatcher  the one Authenticator that JupyterHub sees; asks the way that somebody came by
    pages       what each way's own pages share: outages, admission, where to next
    visit       what a way tells about somebody
    identities  (provider, stable id) → our user
    grants      a provider's groups → memberships of courses
    oauth, services, openid, mediawiki, directory, lti, own   the ways themselves
"""
