"""What a password is called in other languages, as patterns over UTF-8 bytes."""


def _bytes_of(words: str) -> str:
    return "|".join(words.encode().decode("latin-1").split("|"))


# English, German, French, Spanish, Portuguese, Italian, Dutch, the Nordic and some Slavonic languages.
WORDS = (
    r"(?:pass(?:word|phrase|wd|code)|pwd?|passwort|kennwort|mot de passe|clave|senha|wachtwoord|credentials?|creds|"
    + _bytes_of("contraseña|contrasena|lösenord(?:et)?|passord(?:et)?|adgangskoden?|salasana|heslo|hasło|parola")
    + ")"
)
"""Words with a word boundary at both ends."""

# Korean, Japanese, Chinese, Russian and Ukrainian, Turkish, Hungarian, Vietnamese, Greek, Hebrew, Arabic, Hindi, Thai:
# a letter beyond ASCII stands at one end, so that no word boundary does.
FAR_WORDS = _bytes_of(
    "비밀번호|비번|암호|패스워드|パスワード|暗証番号|密码|密碼|口令|(?:п|П)арол(?:ь|ем|я|\u0456)|şifre(?:si)?|jelszó"
    "|mật khẩu|κωδικός|סיסמה|סיסמא|كلمة المرور|كلمة السر|पासवर्ड|รหัสผ่าน"
)
"""Words without one."""
